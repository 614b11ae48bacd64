import { setImmediate as turn } from "node:timers/promises";

/** Collects all garbage, where node was started with --expose-gc; otherwise only lets the event loop turn. */
export async function collectGarbage(): Promise<void> {
  await turn();
  globalThis.gc?.();
}

/** Bytes on the heap after everything collectable is gone; what one collection unties, the next one takes. */
export async function collectedHeap(): Promise<number> {
  for (let round = 0; round < 3; round++) await collectGarbage();
  return process.memoryUsage().heapUsed;
}
