import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createRuntime, type Header } from "@ringline/core";
import { type BackendName, backendOf } from "../backends.js";
import type { Closable, Subject } from "../subject.js";
import { workerFile } from "../threads/worker-file.js";
import type { Workload } from "../workloads/workload.js";
import { smallData, smallNone } from "./kernels.js";
import { pieceOf } from "./payloads.js";

/** Something that can be started again and again. */
export interface Starter extends Closable {
  /** Resolves with the milliseconds until the first answer. */
  start(): Promise<number>;
}

/** From nothing to the first answer. Code is loaded before; the engine's own warm-up is part of the warm-up. */
export const startUp: Workload<Starter> = {
  name: "startup",
  title: "a runtime made, one kernel started, its first answer there",
  unit: "ms",
  better: "lower",
  stages: 1,
  measure: (starter) => starter.start(),
};

export function starterOn(name: BackendName): Subject<Starter> {
  const kernel = name === "webgpu" ? smallData : smallNone;
  return {
    name,
    title: `${name}, every option at its default`,
    async open() {
      await backendOf(name);
      return {
        async start() {
          const begun = performance.now();
          const runtime = createRuntime({ backend: await backendOf(name) });
          try {
            const handle = await runtime.start(kernel);
            await handle.request(pieceOf("64B", 1) as Header as never);
            return performance.now() - begun;
          } finally {
            await runtime.dispose();
          }
        },
        close: async () => {},
      };
    },
  };
}

/** The least that a thread takes: a Worker with one listener, asked once. */
export const bareWorker: Subject<Starter> = {
  name: "bare-worker",
  title: "new Worker with one listener",
  async open() {
    return {
      async start() {
        const begun = performance.now();
        const worker = new Worker(workerFile("bare-worker"));
        try {
          worker.postMessage(1);
          await once(worker, "message");
          return performance.now() - begun;
        } finally {
          await worker.terminate();
        }
      },
      close: async () => {},
    };
  },
};
