import { runThread, type WorkerPlatform } from "@ringline/remote";
import type { Begin, WorkerReport } from "./begin.js";
import { webPlatform } from "./web-platform.js";

/** The global scope of a worker. */
interface WorkerScope {
  postMessage(report: WorkerReport): void;
  close(): void;
}
const scope = globalThis as unknown as WorkerScope;

/**
 * Makes this worker one that runs kernels. Call it in the module of a worker that `webWorkers({ worker })` creates, with
 * the modules whose exports are kernels, and topologies that have functions as `onError`: `serveKernels(kernels)` after
 * `import * as kernels from "./kernels.js"`. Without arguments, kernels are imported by the URL of their module.
 */
export function serveKernels(...modules: readonly object[]): void {
  const begin = async ({ data }: MessageEvent<Begin>) => {
    await hold(data.lock);
    scope.postMessage("held");
    const exports = modules.length === 0 ? undefined : modules.flatMap((module) => Object.values(module));
    runThread(data.setup, { ...webPlatform, exports, onUncaught, halt: () => scope.close() });
  };
  addEventListener("message", (event) => void begin(event), { once: true });
}

/** Takes a lock for the life of this worker. */
function hold(name: string): Promise<void> {
  return new Promise((resolve) => {
    void navigator.locks.request(name, () => {
      resolve();
      return new Promise(() => {});
    });
  });
}

/** Ends this worker by what nobody catches, as threads of servers end: what ran on may have left anything half done. */
const onUncaught: WorkerPlatform["onUncaught"] = (report) => {
  const end = (origin: string, thrown: unknown) => {
    report(origin);
    scope.postMessage({ fault: (thrown as Error | undefined)?.stack ?? String(thrown) });
    scope.close();
  };
  addEventListener("error", ({ error, message }) => end("uncaughtException", error ?? message));
  addEventListener("unhandledrejection", ({ reason }) => end("unhandledRejection", reason));
};
