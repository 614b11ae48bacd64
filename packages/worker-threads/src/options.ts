import { availableParallelism } from "node:os";
import type { ResourceLimits } from "node:worker_threads";
import { errors } from "@ringline/core";
import { checkOptions } from "@ringline/core/internal";

/** A thread, as passed to a placement function. */
export interface ThreadLoad {
  /** Number from 0, in the order of start; a lost thread keeps its number and is not in the list. */
  readonly thread: number;
  /** The ids of the thread's kernels. */
  readonly kernels: readonly string[];
}

/**
 * Placement of kernels: over all threads ("spread"), on as few as possible ("pack"), or by a function that returns the
 * number of a thread in the list, or "new".
 */
export type Placement = "spread" | "pack" | ((kernelId: string, threads: readonly ThreadLoad[]) => number | "new");

/** Options of `workerThreads()`. */
export interface WorkerThreadsOptions {
  /**
   * Maximum number of shared threads, 1 to 1000; started as kernels need them.
   *
   * @default the number of available cores
   */
  readonly threads?: number | undefined;
  /**
   * Choice of the thread of a kernel.
   *
   * @default "spread"
   */
  readonly placement?: Placement | undefined;
  /** Ids of the kernels that get a thread of their own, in addition to `threads`. */
  readonly dedicated?: readonly string[] | undefined;
  /** Limits of each thread's heap and stack, in megabytes; a thread that exceeds them is lost. Memory of buffers does not count. */
  readonly resourceLimits?: ResourceLimits | undefined;
  /**
   * Node's options for each thread.
   *
   * @default those of this process, among them its loader for TypeScript
   */
  readonly execArgv?: readonly string[] | undefined;
  /**
   * Milliseconds after which a thread that does not answer is terminated; its kernels are restarted elsewhere by their
   * policies.
   *
   * @default no limit
   */
  readonly stallTimeout?: number | undefined;
}

/** The options with defaults filled in. */
export interface ThreadSettings {
  readonly threads: number;
  readonly placement: Placement;
  readonly dedicated: ReadonlySet<string>;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly execArgv: readonly string[] | undefined;
  /** Milliseconds; Infinity for no limit. */
  readonly stallTimeout: number;
}

const KNOWN = ["threads", "placement", "dedicated", "resourceLimits", "execArgv", "stallTimeout"];

/** Checks the options and fills in defaults. Throws `INVALID_ARGUMENT`. */
export function settingsOf(options: WorkerThreadsOptions): ThreadSettings {
  checkOptions(options, KNOWN, "workerThreads()");
  const { threads = availableParallelism(), placement = "spread", dedicated = [] } = options;
  const { resourceLimits, execArgv, stallTimeout = Number.POSITIVE_INFINITY } = options;
  if (!(Number.isSafeInteger(threads) && threads >= 1 && threads <= 1000)) {
    throw wrong("threads", threads, "A whole number of threads, from 1 to 1000.");
  }
  if (placement !== "spread" && placement !== "pack" && typeof placement !== "function") {
    throw wrong("placement", placement, 'Choose "spread" or "pack", or pass a function.');
  }
  if (!isTexts(dedicated)) throw wrong("dedicated", dedicated, "A list of kernel ids.");
  if (execArgv !== undefined && !isTexts(execArgv)) throw wrong("execArgv", execArgv, "A list of options of Node.");
  if (!(typeof stallTimeout === "number" && stallTimeout > 0)) {
    throw wrong("stallTimeout", stallTimeout, "Milliseconds, more than 0; leave it out for none.");
  }
  if (resourceLimits !== undefined && (typeof resourceLimits !== "object" || resourceLimits === null)) {
    throw wrong("resourceLimits", resourceLimits, "See ResourceLimits of node:worker_threads.");
  }
  return { threads, placement, dedicated: new Set(dedicated), resourceLimits, execArgv, stallTimeout };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
