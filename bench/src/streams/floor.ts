import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import { type StreamSubject, source } from "../stream.js";
import { floorStage } from "../subjects/floor.js";
import { Ring } from "../subjects/ring.js";

/**
 * The floor of a flow: the rings and loops of the echo's floor, a loop that feeds them from the source, and one that
 * reads. Bounded, in order; nothing to iterate over and no end that a stage could see.
 *
 * Tried, and no faster: arrays instead of single messages from stage to stage (a loop takes all that is there before it
 * waits, so rings batch already), 1.0; an async iterator as its output instead of a loop, 0.8.
 */
export const floorFlow: StreamSubject = {
  name: "floor-flow",
  title: "hand-written bounded rings, one async loop a stage, read by a loop",
  async open(stages) {
    const rings = Array.from({ length: stages + 1 }, () => new Ring<PlainMessage>());
    for (let stage = 0; stage < stages; stage++) void floorStage(rings[stage]!, rings[stage + 1]!, answer);
    const first = rings[0]!;
    const last = rings[stages]!;
    const feed = async (messages: number) => {
      for (const message of source(messages, (n) => createMessage(n, null))) {
        if (!first.tryPut(message)) await first.put(message);
      }
    };
    return {
      async run(messages, seen) {
        const feeding = feed(messages);
        for (let count = 0; count < messages; count++) seen(last.tryTake() ?? (await last.take()));
        await feeding;
      },
      close: async () => {},
    };
  },
};
