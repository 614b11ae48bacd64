import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";
import { MemoryPort } from "@ringline/core/backend";
import { Counters } from "./counters.js";

/** Loaded by `--import` on the main thread and, as workers inherit it, on every other. */
const KEY = "ringline-bench-counts";

export const counters = new Counters(
  isMainThread ? undefined : (getEnvironmentData(KEY) as unknown as SharedArrayBuffer),
);
if (isMainThread) setEnvironmentData(KEY, counters.memory as never);
else counters.install();

/** Exported, so that no engine takes the planted work away. */
export let sink: unknown;

/** Fault that tests plant at a port that each message leaves: 64 bytes, or a promise. */
const { RINGLINE_BENCH_PLANT: plant } = process.env;
if (plant !== undefined) {
  const tryTake = MemoryPort.prototype.tryTake;
  let n = 0;
  // three words of an object and five fields
  const bytes = () => ({ a: n++, b: n, c: n, d: n, e: n });
  const promise = () => Promise.resolve(n++);
  const make: () => unknown = plant === "bytes" ? bytes : promise;
  MemoryPort.prototype.tryTake = function planted(this: MemoryPort) {
    const message = tryTake.call(this);
    if (message !== undefined) sink = make();
    return message;
  };
}
