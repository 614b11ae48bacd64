import { type AnyRinglineError, type ErrorPlace, errors, isRinglineError, placed } from "./ringline-error.js";

/** Wraps an exception of a kernel: Ringline errors keep their code, others become `KERNEL_FAILED` with the cause. */
export function asRinglineError(thrown: unknown, place: ErrorPlace): AnyRinglineError {
  if (isRinglineError(thrown)) return placed(thrown, place);
  return new errors.KERNEL_FAILED({ restarts: 0 }, { cause: thrown, ...place });
}
