import type { GarbageClock } from "./garbage-clock.js";

/** What a measurement took beside its figure. */
export interface Costs {
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds of CPU time, all threads of the process. */
  readonly cpu: number;
  /** Milliseconds of collecting garbage on the thread that measures. */
  readonly gc: number;
  /** Bytes of heap in use right after it, garbage and the other subjects' lines included. */
  readonly heap: number;
}

/** Runs `work`; nothing is read while it runs. */
export async function withCosts<T>(clock: GarbageClock, work: () => Promise<T>): Promise<readonly [T, Costs]> {
  const collected = await clock.read();
  const before = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const heap = process.memoryUsage().heapUsed;
  return [result, { wall, cpu: (user + system) / 1000, gc: (await clock.read()) - collected, heap }];
}
