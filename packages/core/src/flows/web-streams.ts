import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { ProcessStream } from "./process-stream.js";
import { WritableSource } from "./writable-source.js";

/** The two ends of a flow as web streams. */
export interface FlowStreams {
  readonly writable: WritableStream<unknown>;
  readonly readable: ReadableStream<AnyMessage>;
}

/**
 * Creates web streams over one `process`, without a buffer of their own. Throws `UNSUPPORTED` if the place has none.
 */
export function webStreams(process: (source: WritableSource<unknown>) => ProcessStream, flow: string): FlowStreams {
  if (typeof WritableStream !== "function") {
    throw new errors.UNSUPPORTED({ backend: flow, capability: "web streams" }, { kernelId: flow });
  }
  const feed = new WritableSource<unknown>(() => new errors.TERMINATED({ operation: "process" }, { kernelId: flow }));
  const outputs = process(feed);
  outputs.onFailure = (error) => feed.fail(error);
  const writable = new WritableStream<unknown>(
    {
      start(controller) {
        feed.onEnd = (error) => controller.error(error);
      },
      write(message) {
        outputs.begin();
        return feed.write(message);
      },
      close: () => feed.close(),
      abort: (reason) => feed.fail(reason),
    },
    { highWaterMark: 1 },
  );
  const readable = new ReadableStream<AnyMessage>(
    {
      async pull(controller) {
        try {
          const { done, value } = await outputs.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          feed.fail(error); // the process may not have started: notify the writer too
          throw error;
        }
      },
      async cancel(reason) {
        feed.fail(reason);
        await outputs.return();
      },
    },
    { highWaterMark: 0 },
  );
  return { writable, readable };
}
