import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** Milliseconds. */
const LOOK = 300;
const COUNT = `
  const { parentPort } = require("node:worker_threads");
  parentPort.on("message", () => {
    let count = 0;
    for (const end = performance.now() + ${LOOK}; performance.now() < end; ) count++;
    parentPort.postMessage(count);
  });`;

/** The control of all figures of threads: what as many threads as there are cores do at once, in units of one alone. */
export async function freeCores(): Promise<number> {
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(COUNT, { eval: true }));
  try {
    await Promise.all(workers.map((worker) => once(worker, "online")));
    const counted = async (some: readonly Worker[]) => {
      for (const worker of some) worker.postMessage(0);
      const counts = await Promise.all(some.map(async (worker) => (await once(worker, "message"))[0] as number));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    await counted(workers); // warm
    const alone = Math.max(await counted(workers.slice(0, 1)), await counted(workers.slice(0, 1)));
    return (await counted(workers)) / alone;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
