import type { Costs, Meter } from "./costs.js";
import { GarbageClock } from "./garbage-clock.js";

/** Meter of this process; it reads nothing during a measurement. */
export function processMeter(): Meter {
  const clock = new GarbageClock();
  return {
    async run<T>(work: () => Promise<T>): Promise<readonly [T, Costs]> {
      const collected = await clock.read();
      const before = process.cpuUsage();
      const started = performance.now();
      const result = await work();
      const wall = performance.now() - started;
      const { user, system } = process.cpuUsage(before);
      const heap = process.memoryUsage().heapUsed;
      return [result, { wall, cpu: (user + system) / 1000, gc: (await clock.read()) - collected, heap }];
    },
    [Symbol.dispose]: () => clock[Symbol.dispose](),
  };
}
