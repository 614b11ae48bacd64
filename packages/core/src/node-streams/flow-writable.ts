/// <reference types="node" />
import { Writable } from "node:stream";
import type { Flow } from "../flows/flow-types.js";
import type { Header } from "../messages/header.js";

/**
 * The input of a flow as a stream of Node; outputs go to `receive`. A write waits until the flow accepts it, the end until
 * everything is settled.
 */
export function flowWritable<In extends Header>(
  flow: Pick<Flow<In, unknown>, "send" | "drain">,
  { highWaterMark = 16 }: { /** Messages that it holds. Default 16. */ readonly highWaterMark?: number } = {},
): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark,
    write(message: In, _encoding, done) {
      flow.send(message).then(() => done(), done);
    },
    final(done) {
      flow.drain().then(() => done(), done);
    },
  });
}
