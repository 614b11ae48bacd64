import type { Backend } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { webgpu } from "@ringline/webgpu";
import { workerThreads } from "@ringline/worker-threads";

/** Values of `--backend`; the first is the default. */
export const backends: Readonly<Record<string, () => Backend>> = {
  "in-process": () => inProcess(),
  "in-process-copy": () => inProcess({ copy: true }),
  "worker-threads": () => workerThreads(),
  webgpu: () => webgpu(),
};

/** Threads load kernels from what was built; these run them from any source. */
export const oneThread: readonly string[] = ["in-process", "in-process-copy"];

export const backendNames: readonly string[] = Object.keys(backends);

/** Kernels on other processes, which are started for it: of the flights only. */
export const ON_HOSTS = "nats";
