import { errors } from "../errors/ringline-error.js";
import { type Complete, completed } from "./complete.js";

/** Delays between attempts. */
export interface Backoff {
  /** Milliseconds before the second attempt. */
  readonly initial: number;
  /** Factor by which each delay grows, at least 1. Default 2. */
  readonly factor?: number | undefined;
  /** Longest delay in milliseconds. Default 10,000. */
  readonly max?: number | undefined;
  /** Random share of the delay, 0 to 1. Default 0.2. */
  readonly jitter?: number | undefined;
}

export const DEFAULT_BACKOFF: Complete<Backoff> = Object.freeze({ initial: 100, factor: 2, max: 10_000, jitter: 0.2 });

/** Throws `INVALID_ARGUMENT` for a value that is out of range. */
export function checkBackoff(backoff: Backoff, base = DEFAULT_BACKOFF): Complete<Backoff> {
  const complete = completed(base, backoff);
  const ranges = {
    initial: [0, Number.MAX_VALUE],
    factor: [1, 1e6],
    max: [0, Number.MAX_VALUE],
    jitter: [0, 1],
  } as const;
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const value = complete[name as keyof Backoff];
    if (!(typeof value === "number" && value >= low && value <= high)) {
      throw new errors.INVALID_ARGUMENT({ argument: `backoff.${name}`, value });
    }
  }
  return complete;
}

/** Milliseconds before attempt number `attempt`, which is 2 for the first retry. */
export function delayBefore(attempt: number, backoff: Complete<Backoff>, chance: () => number = Math.random): number {
  const growth = Math.min(backoff.factor ** (attempt - 2), Number.MAX_VALUE); // Infinity times 0 is not a number
  const delay = Math.min(backoff.max, backoff.initial * growth);
  return delay * (1 - backoff.jitter * chance());
}
