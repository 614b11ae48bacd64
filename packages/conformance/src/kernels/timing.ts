import { defineKernel, type TimerContext } from "@ringline/core";
import { Result, Task } from "./messages.js";

const module = import.meta.url;

/**
 * Sets a timer for each task, under the key that is the remainder of its number by 2: `delay` milliseconds later its result
 * is sent, or the error of the task thrown.
 */
export const alarm = defineKernel({
  id: "alarm",
  module,
  input: Task,
  output: Result,
  supervise: { restart: "on-failure", backoff: { initial: 1, jitter: 0 } },
  handle({ n, delay = 0, fail }, ctx) {
    const fire = () => {
      if (fail !== undefined) throw new RangeError(fail);
      return Result({ n, by: "timer", index: 0 });
    };
    ctx.timer(delay, fire, { key: n % 2 });
    return undefined;
  },
});

/** Works on each task, and on a timer that it sets for each. A result with the index 1 was begun beside another. */
export const oneByOne = defineKernel({
  id: "oneByOne",
  module,
  input: Task,
  output: Result,
  handle(task, ctx) {
    ctx.timer(1, () => occupy(ctx, "timer", task));
    return occupy(ctx, "message", task);
  },
});

const occupied = new WeakSet<object>();

async function occupy(ctx: TimerContext<Result>, by: string, { n, delay = 0 }: Task): Promise<Result> {
  const index = occupied.has(ctx) ? 1 : 0;
  occupied.add(ctx);
  await new Promise<void>((resolve) => void ctx.clock.after(delay, resolve));
  occupied.delete(ctx);
  return Result({ n, by, index });
}
