// A program: a kernel is woken again and again after it has gone to sleep. It must end by itself.
import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { Job, mortal } from "./faulty.mjs";

const rounds = Number(process.env["RINGLINE_SLEEPS"] ?? 20_000);
const cell = new Int32Array(new SharedArrayBuffer(4));
const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
const handle = await runtime.start(mortal);
const heap = () => {
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
};
const wakeUps = async (/** @type {number} */ count) => {
  for (let n = 0; n < count; n++) {
    await handle.request(Job({ n }));
    Atomics.wait(cell, 0, 0, 0.1); // longer than the thread stays awake
  }
};
await wakeUps(5000);
const before = heap();
await wakeUps(rounds);
console.log(JSON.stringify({ before, after: heap(), rounds }));
await runtime.dispose();
