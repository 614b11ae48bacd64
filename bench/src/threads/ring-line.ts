import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import type { AnyMessage } from "@ringline/core/internal";
import { createMessage, type PlainMessage } from "../plain-message.js";
import { Step } from "../ringline/step.js";
import type { Line, Reply, Subject } from "../subject.js";
import { CODEC_FORMAT } from "./codec-format.js";
import type { RingSetup } from "./ring-worker.js";
import { LOOKS, type RingFormat, RingMemory, WORD_FORMAT } from "./shared-ring.js";
import { workerFile } from "./worker-file.js";

/**
 * The floor of threads: two rings of one writer and one reader in shared memory, a worker that does nothing but answer
 * and blocks where it has nothing to do, and a doorbell for the thread that must not block. Both sides look for some tens
 * of microseconds before they sleep. Bounded, in order; numbers only, or whole messages where our codec writes them.
 *
 * Tried, and no faster: a wake-up for each message instead of one for a reader that sleeps, 0.1; `Atomics.waitAsync`
 * instead of a doorbell, the same on Node 20, and it does not keep the program alive; looking longer, the same in the
 * echo, and worse where cores are taken.
 */
function subject<M extends object>(
  name: string,
  title: string,
  format: RingFormat<M>,
  make: (n: number) => M,
  withCodec: boolean,
): Subject {
  return {
    name,
    title,
    singleStage: true,
    async open(): Promise<Line> {
      const [there, back] = [RingMemory.make(format.bytes), RingMemory.make(format.bytes)];
      const { port1, port2 } = new MessageChannel();
      const workerData: RingSetup = {
        there: there.memory,
        back: back.memory,
        bytes: format.bytes,
        bell: port2,
        withCodec,
      };
      const worker = new Worker(workerFile("ring-worker"), { workerData, transferList: [port2] });
      await once(worker, "online");
      const write = format.writer(there);
      const reader = format.reader(back);
      let waiter: ((reply: Reply) => void) | undefined;
      const take = (): Reply => {
        const message = reader.read();
        back.release(reader.head);
        return message as unknown as Reply;
      };
      port1.on("message", () => {
        if (waiter === undefined) return;
        if (back.tail === reader.head && back.arm(reader.head)) return;
        const resolve = waiter;
        waiter = undefined;
        resolve(take());
      });
      const full = async (message: M): Promise<void> => {
        let tail = write(message);
        for (; tail === undefined; tail = write(message)) await new Promise((resolve) => setImmediate(resolve));
        if (there.publish(tail)) there.wake();
      };
      return {
        send(n) {
          const message = make(n);
          const tail = write(message);
          if (tail === undefined) return full(message);
          if (there.publish(tail)) there.wake();
        },
        receive() {
          for (let look = 0; look < LOOKS; look++) if (back.tail !== reader.head) return take();
          if (!back.arm(reader.head)) return take();
          return new Promise((resolve) => {
            waiter = resolve;
          });
        },
        close: async () => {
          port1.close();
          await worker.terminate();
        },
      };
    },
  };
}

export const sharedRing = subject<PlainMessage>(
  "shared-ring",
  "hand-written rings in shared memory, four words a message, no codec",
  WORD_FORMAT,
  (n) => createMessage(n, null),
  false,
);
export const sharedRingCodec = subject<AnyMessage>(
  "shared-ring-codec",
  "the same rings, whole messages written by our codec",
  CODEC_FORMAT,
  (n) => Step({ n }) as unknown as AnyMessage,
  true,
);
