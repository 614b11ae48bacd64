import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PlainMessage } from "../plain-message.js";
import type { StreamSubject } from "../stream.js";
import { readable, transform } from "./node-stream.js";

/** The same Transforms, ended by a Writable: all of it callbacks, no promise a message; what comes out is not iterable. */
export const nodeStreamSink: StreamSubject = {
  name: "node-stream-sink",
  title: "node:stream, object-mode Transforms, into a Writable",
  async open(stages) {
    return {
      async run(messages, seen) {
        const sink = new Writable({
          objectMode: true,
          write(reply: PlainMessage, _encoding, done) {
            seen(reply);
            done();
          },
        });
        await pipeline([readable(messages), ...Array.from({ length: stages }, transform), sink]);
      },
      close: async () => {},
    };
  },
};
