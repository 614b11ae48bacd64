import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import { type StreamSubject, source } from "../stream.js";

/** Node's default bound in object mode, 16: faster here than larger ones. */
export function transform(): Transform {
  return new Transform({
    objectMode: true,
    transform(message: PlainMessage, _encoding, done) {
      done(null, answer(message));
    },
  });
}

export const readable = (messages: number): Readable => Readable.from(source(messages, (n) => createMessage(n, null)));

/** Transforms in object mode between an iterable and a `for await`: the form in which a flow is used as well. */
export const nodeStream: StreamSubject = {
  name: "node-stream",
  title: "node:stream, object-mode Transforms, read by for await",
  async open(stages) {
    return {
      async run(messages, seen) {
        const transforms = Array.from({ length: stages }, transform);
        const last = transforms.at(-1)!;
        const flowing = pipeline([readable(messages), ...transforms]);
        for await (const reply of last as AsyncIterable<PlainMessage>) seen(reply);
        await flowing;
      },
      close: async () => {},
    };
  },
};
