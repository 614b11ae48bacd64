import { type MessagePort, workerData } from "node:worker_threads";
import type { AnyMessage } from "@ringline/core/internal";
import { answer } from "../plain-message.js";
import { Step } from "../ringline/step.js";
import { CODEC_FORMAT } from "./codec-format.js";
import { type RingFormat, RingMemory, WORD_FORMAT } from "./shared-ring.js";

/** Start data of a ring's worker. */
export interface RingSetup {
  readonly there: SharedArrayBuffer;
  readonly back: SharedArrayBuffer;
  readonly bytes: number;
  readonly bell: MessagePort;
  readonly withCodec: boolean;
}

/** Answers for as long as its thread lives; it blocks where there is nothing to do. */
function serve<M>({ there, back, bytes, bell }: RingSetup, format: RingFormat<M>, reply: (message: M) => M): never {
  const [from, to] = [new RingMemory(there, bytes), new RingMemory(back, bytes)];
  const reader = format.reader(from);
  const write = format.writer(to);
  const turn = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    if (from.tail === reader.head) from.sleep(reader.head);
    while (from.tail !== reader.head) {
      const answered = reply(reader.read());
      from.release(reader.head);
      let tail = write(answered);
      for (; tail === undefined; tail = write(answered)) Atomics.wait(turn, 0, 0, 1);
      if (to.publish(tail)) bell.postMessage(0);
    }
  }
}

// imported for its types only, it is given nothing
if (workerData?.bell !== undefined) {
  const setup = workerData as RingSetup;
  if (setup.withCodec) {
    serve<AnyMessage>(setup, CODEC_FORMAT, (message) => {
      const { n } = message as unknown as { readonly n: number };
      return Step({ n }, { replyTo: message }) as unknown as AnyMessage;
    });
  } else serve(setup, WORD_FORMAT, answer);
}
