import { type CounterSubject, clicks, SIZE } from "./events.js";

/** One loop over the source and a Map of counts for each window. No queue, no late events, no disorder. */
export const windowsByHand: CounterSubject = {
  name: "map-loop",
  title: "a hand-written loop with a Map for each window",
  isAlone: true,
  async open() {
    return {
      async run(events, seen) {
        let end = SIZE;
        let counts = new Map<number, number>();
        for (const { at, user } of clicks(events, (click) => click)) {
          if (at >= end) {
            for (const count of counts.values()) seen(count);
            counts = new Map();
            end += SIZE;
          }
          counts.set(user, (counts.get(user) ?? 0) + 1);
        }
        for (const count of counts.values()) seen(count);
      },
      close: async () => {},
    };
  },
};
