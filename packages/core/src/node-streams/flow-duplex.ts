/// <reference types="node" />
import { Duplex } from "node:stream";
import { Feed } from "../flows/feed.js";
import type { Flow } from "../flows/flow-types.js";
import type { Header } from "../messages/header.js";

/**
 * Both ends of a flow's `process` as one stream of Node: `source.pipe(flowDuplex(flow)).pipe(sink)`. What is written waits
 * until the flow takes it; what comes out waits to be read. Destroying it cancels what is in flight.
 */
export function flowDuplex<In extends Header, Out extends Header>(
  flow: Pick<Flow<In, Out>, "process">,
  { highWaterMark = 16 }: { /** Messages that each end holds. Default 16. */ readonly highWaterMark?: number } = {},
): Duplex {
  const feed = new Feed<In>();
  const outputs = flow.process(feed);
  let isReading = false;
  return new Duplex({
    objectMode: true,
    highWaterMark,
    write(message: In, _encoding, done) {
      feed.write(message).then(() => done(), done);
    },
    final(done) {
      feed.close();
      done();
    },
    read() {
      if (isReading) return;
      isReading = true;
      const next = (): void => {
        outputs.next().then(
          ({ done, value }) => {
            if (this.push(done ? null : value) && !done) next();
            else isReading = false;
          },
          (error) => this.destroy(error),
        );
      };
      next();
    },
    destroy(error, done) {
      feed.fail(error ?? new Error("The stream is destroyed."));
      outputs.return(undefined).then(
        () => done(error),
        (thrown) => done(error ?? thrown),
      );
    },
  });
}
