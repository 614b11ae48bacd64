/// <reference types="node" />
/** Flows as streams of Node, in object mode and with their backpressure. */
import { Duplex, Readable, Writable } from "node:stream";
import type { Flow } from "./flows/flow-types.js";
import { WritableSource } from "./flows/writable-source.js";
import type { Header } from "./messages/header.js";

/**
 * Both ends of a flow's `process` as one stream of Node: `source.pipe(flowDuplex(flow)).pipe(sink)`. What is written waits
 * until the flow takes it; what comes out waits to be read. Destroying it cancels what is in flight.
 */
export function flowDuplex<In extends Header, Out extends Header>(
  flow: Pick<Flow<In, Out>, "process">,
  { highWaterMark = 16 }: { /** Messages that each end holds. Default 16. */ readonly highWaterMark?: number } = {},
): Duplex {
  const feed = new WritableSource<In>();
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

/**
 * Outputs of a flow for a source, as a Node stream. The source is pulled as the stream is read; destroying the stream
 * calls the source's `return()`.
 */
export function flowReadable<In extends Header, Out extends Header>(
  flow: Pick<Flow<In, Out>, "process">,
  source: Iterable<In> | AsyncIterable<In>,
): Readable {
  return Readable.from(flow.process(source), { objectMode: true });
}

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
