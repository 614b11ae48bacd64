import { availableParallelism } from "node:os";
import type { ResourceLimits } from "node:worker_threads";
import { checkOptions } from "@ringline/core/internal";
import {
  isTexts,
  THREAD_OPTIONS,
  type ThreadOptions,
  type ThreadSettings,
  threadSettings,
  wrongOption,
} from "@ringline/remote";

/** Options of `workerThreads()`. */
export interface WorkerThreadsOptions extends ThreadOptions {
  /** Limits of each thread's heap and stack, in megabytes; a thread that exceeds them is lost. Memory of buffers does not count. */
  readonly resourceLimits?: ResourceLimits | undefined;
  /**
   * Node's options for each thread.
   *
   * @default those of this process, among them its loader for TypeScript
   */
  readonly execArgv?: readonly string[] | undefined;
}

/** The options with defaults filled in. */
export interface NodeSettings extends ThreadSettings {
  readonly resourceLimits: ResourceLimits | undefined;
  readonly execArgv: readonly string[] | undefined;
}

/** Checks the options and fills in defaults. Throws `INVALID_ARGUMENT`. */
export function settingsOf(options: WorkerThreadsOptions): NodeSettings {
  checkOptions(options, [...THREAD_OPTIONS, "resourceLimits", "execArgv"], "workerThreads()");
  const { resourceLimits, execArgv } = options;
  if (execArgv !== undefined && !isTexts(execArgv))
    throw wrongOption("execArgv", execArgv, "A list of options of Node.");
  if (resourceLimits !== undefined && (typeof resourceLimits !== "object" || resourceLimits === null)) {
    throw wrongOption("resourceLimits", resourceLimits, "See ResourceLimits of node:worker_threads.");
  }
  return { ...threadSettings(options, availableParallelism()), resourceLimits, execArgv };
}
