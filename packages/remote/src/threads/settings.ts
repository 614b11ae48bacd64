import { errors } from "@ringline/core";

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

/** Options of every backend with threads. */
export interface ThreadOptions {
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
  /** Milliseconds; Infinity for no limit. */
  readonly stallTimeout: number;
}

/** Names of the options of every backend with threads. */
export const THREAD_OPTIONS = ["threads", "placement", "dedicated", "stallTimeout"] as const;

/** Checks the options and fills in defaults. `cores`: the default number of threads. Throws `INVALID_ARGUMENT`. */
export function threadSettings(options: ThreadOptions, cores: number): ThreadSettings {
  const { threads = cores, placement = "spread", dedicated = [] } = options;
  const { stallTimeout = Number.POSITIVE_INFINITY } = options;
  if (!(Number.isSafeInteger(threads) && threads >= 1 && threads <= 1000)) {
    throw wrongOption("threads", threads, "A whole number of threads, from 1 to 1000.");
  }
  if (placement !== "spread" && placement !== "pack" && typeof placement !== "function") {
    throw wrongOption("placement", placement, 'Choose "spread" or "pack", or pass a function.');
  }
  if (!isTexts(dedicated)) throw wrongOption("dedicated", dedicated, "A list of kernel ids.");
  if (!(typeof stallTimeout === "number" && stallTimeout > 0)) {
    throw wrongOption("stallTimeout", stallTimeout, "Milliseconds, more than 0; leave it out for none.");
  }
  return { threads, placement, dedicated: new Set(dedicated), stallTimeout };
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

export function wrongOption(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
