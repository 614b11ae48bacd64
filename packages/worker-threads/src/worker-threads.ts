import type { Backend } from "@ringline/core";
import { ThreadsPlace } from "./host/threads-place.js";
import { manifest } from "./manifest.js";
import { settingsOf, type WorkerThreadsOptions } from "./options.js";

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
  return {
    manifest: manifest(settings.threads),
    shortcut: "shared",
    start: async (core) => new ThreadsPlace(settings, core),
  };
}
