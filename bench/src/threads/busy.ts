import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Threads that compute without a pause, until they are disposed of. */
export async function occupy(threads: number): Promise<AsyncDisposable> {
  const workers = Array.from({ length: threads }, () => new Worker("for (;;);", { eval: true }));
  await Promise.all(workers.map((worker) => once(worker, "online")));
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
