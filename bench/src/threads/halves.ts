import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { calibrateWork, rounds } from "../patterns/work.js";
import { Step } from "../ringline/step.js";
import type { Closable, Subject } from "../subject.js";
import { grinder } from "./kernels.js";

/** Work that one can do, or two at once. */
export interface Pair extends Closable {
  /** Does as many pieces of work, shared out among so many. */
  work(pieces: number, by: 1 | 2): Promise<void>;
}

export const arithmetic: Subject<Pair> = {
  name: "arithmetic",
  title: "threads that only compute",
  async open() {
    const code = `const { parentPort: p } = require("node:worker_threads"); const rounds = ${rounds};
      p.on("message", (n) => { for (let i = 0; i < n; i++) rounds(i, ${50 * calibrateWork()}); p.postMessage(0); });`;
    const workers = [0, 1].map(() => new Worker(code, { eval: true }));
    await Promise.all(workers.map((worker) => once(worker, "online")));
    return {
      async work(pieces, by) {
        const some = workers.slice(0, by);
        for (const worker of some) worker.postMessage(pieces / by);
        await Promise.all(some.map((worker) => once(worker, "message")));
      },
      close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
    };
  },
};

export const cpuKernels: Subject<Pair> = {
  name: "cpu-kernels",
  title: "kernels on threads of their own, 50 µs of work a message",
  async open() {
    const runtime = createRuntime({ backend: workerThreads({ threads: 2 }) });
    const handles = [await runtime.start(grinder), await runtime.start(grinder.as("grinder-2"))];
    return {
      async work(pieces, by) {
        await Promise.all(
          handles.slice(0, by).map(async (handle) => {
            const sends = (async () => {
              for (let n = 0; n < pieces / by; n++) await handle.send(Step({ n }));
            })();
            for (let n = 0; n < pieces / by; n++) await handle.receive();
            await sends;
          }),
        );
      },
      close: async () => void (await runtime.dispose()),
    };
  },
};
