import { availableParallelism } from "node:os";
import type { ResourceLimits } from "node:worker_threads";
import { errors } from "@ringline/core";
import { checkOptions } from "@ringline/core/internal";

/** A thread as placement sees it. */
export interface ThreadLoad {
  /** From 0, in the order of their start; a thread that was lost keeps its number and is not in the list. */
  readonly thread: number;
  /** The ids of its kernels. */
  readonly kernels: readonly string[];
}

/**
 * Placement of kernels: over all threads ("spread"), on as few as possible ("pack"), or by a function that returns
 * the number of a thread in the list, or "new".
 */
export type Placement = "spread" | "pack" | ((kernelId: string, threads: readonly ThreadLoad[]) => number | "new");

export interface WorkerThreadsOptions {
  /** Most threads that kernels share, 1 to 1000; started as kernels need them. Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /** Default "spread". */
  readonly placement?: Placement | undefined;
  /** Kernels, by id, that get a thread of their own, beyond `threads`. */
  readonly dedicated?: readonly string[] | undefined;
  /** Limits of each thread's heap and stack, in megabytes; a thread that exceeds them is lost. Memory of buffers does not count. */
  readonly resourceLimits?: ResourceLimits | undefined;
  /** Node's options for each thread. Default: those of this process, among them its loader for TypeScript. */
  readonly execArgv?: readonly string[] | undefined;
  /**
   * Milliseconds after which a thread that does not answer is ended, and its kernels are restarted elsewhere by their
   * policies. Default: none.
   */
  readonly stallTimeout?: number | undefined;
}

/** The options with nothing left out. */
export interface ThreadSettings {
  readonly threads: number;
  readonly placement: Placement;
  readonly dedicated: ReadonlySet<string>;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly execArgv: readonly string[] | undefined;
  /** Infinity for none. */
  readonly stallTimeout: number;
}

const KNOWN = ["threads", "placement", "dedicated", "resourceLimits", "execArgv", "stallTimeout"];

/** Throws `INVALID_ARGUMENT`. */
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
