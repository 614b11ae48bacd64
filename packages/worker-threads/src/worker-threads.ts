import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import type { Backend } from "@ringline/core";
import { type HostPlatform, ThreadsPlace } from "@ringline/remote";
import { manifest } from "./manifest.js";
import { nodePlatform } from "./node-platform.js";
import { settingsOf, type WorkerThreadsOptions } from "./options.js";
import { PooledWorker } from "./pooled-worker.js";

/**
 * Runs kernels on worker threads, each incarnation in one thread. Messages are sent over shared memory, directly
 * between workers. Kernels are loaded from their modules: export them and define them with `module: import.meta.url`.
 * Throws `INVALID_ARGUMENT`.
 *
 * @example
 * await using runtime = createRuntime({ backend: workerThreads({ threads: 4 }) });
 */
export function workerThreads(options: WorkerThreadsOptions = {}): Backend {
  const settings = settingsOf(options);
  const platform: HostPlatform = {
    ...nodePlatform,
    backend: "worker-threads",
    cores: availableParallelism(),
    channel() {
      const { port1, port2 } = new MessageChannel();
      return [port1, port2];
    },
    start: (setup) => new PooledWorker(settings, setup),
  };
  return {
    manifest: manifest(settings.threads),
    shortcut: "shared",
    start: async (core) => new ThreadsPlace(settings, platform, core),
  };
}
