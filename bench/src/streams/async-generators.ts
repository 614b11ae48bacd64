import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import { type StreamSubject, source } from "../stream.js";

async function* stage(input: AsyncIterable<PlainMessage> | Iterable<PlainMessage>): AsyncGenerator<PlainMessage> {
  for await (const message of input) yield answer(message);
}

/** Async generators, each of which pulls from the one before: no queue, one message under way. */
export const asyncGenerators: StreamSubject = {
  name: "async-generators",
  title: "async generators, one a stage, read by for await; no queue",
  async open(stages) {
    return {
      async run(messages, seen) {
        let last: AsyncIterable<PlainMessage> | Iterable<PlainMessage> = source(messages, (n) =>
          createMessage(n, null),
        );
        for (let count = 0; count < stages; count++) last = stage(last);
        for await (const reply of last) seen(reply);
      },
      close: async () => {},
    };
  },
};
