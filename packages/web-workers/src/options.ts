import { checkOptions } from "@ringline/core/internal";
import { THREAD_OPTIONS, type ThreadOptions, type ThreadSettings, threadSettings, wrongOption } from "@ringline/remote";

/** A worker of the browser, as far as it is used: declarations need no DOM. */
export interface WebWorker {
  postMessage(message: unknown, transfer: object[]): void;
  addEventListener(type: "message" | "error", listener: (event: object) => void): void;
  terminate(): void;
}

/** Options of `webWorkers()`. */
export interface WebWorkersOptions extends ThreadOptions {
  /**
   * Creates a worker whose module calls `serveKernels`, for programs that a bundler builds.
   *
   * @default a worker of this package, which imports kernels by the URL of their module
   */
  readonly worker?: (() => WebWorker) | undefined;
}

/** The options with defaults filled in. */
export interface WebSettings extends ThreadSettings {
  readonly worker: (() => WebWorker) | undefined;
}

/** Checks the options and fills in defaults. Throws `INVALID_ARGUMENT`. */
export function settingsOf(options: WebWorkersOptions, cores: number): WebSettings {
  checkOptions(options, [...THREAD_OPTIONS, "worker"], "webWorkers()");
  const { worker } = options;
  if (worker !== undefined && typeof worker !== "function") {
    throw wrongOption("worker", worker, "A function that returns a new Worker.");
  }
  return { ...threadSettings(options, cores), worker };
}
