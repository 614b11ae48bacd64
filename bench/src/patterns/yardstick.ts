import { exchange } from "../exchange.js";
import type { Subject } from "../subject.js";
import { floor } from "../subjects/floor.js";
import type { Cell } from "./cells.js";
import type { RunningPattern } from "./open-pattern.js";
import { patternOf } from "./patterns.js";
import type { Starter } from "./start-up.js";

/** Subject that the figures of all backends are paired with; it belongs to none of them. */
export const YARDSTICK = "floor";
const TITLE = "the floor's echo of small messages, whatever the pattern: how fast the machine is";
/** Outstanding, and for the time of a start so many messages. */
const OUTSTANDING = 256;
const MESSAGES = 20_000;

export function yardstickFor(cell: Cell): Subject<RunningPattern> {
  const outputs = patternOf(cell.pattern).outputs ?? 1;
  return {
    name: YARDSTICK,
    title: TITLE,
    async open() {
      const line = await floor.open(1);
      return {
        isAlone: true,
        async run(messages) {
          await exchange(line, 0, messages, OUTSTANDING);
          return { outputs: messages * outputs, failure: undefined };
        },
        check: async () => {},
        close: () => line.close(),
      };
    },
  };
}

export const startingYardstick: Subject<Starter> = {
  name: YARDSTICK,
  title: TITLE,
  async open() {
    const line = await floor.open(1);
    return {
      async start() {
        const begun = performance.now();
        await exchange(line, 0, MESSAGES, OUTSTANDING);
        return performance.now() - begun;
      },
      close: () => line.close(),
    };
  },
};
