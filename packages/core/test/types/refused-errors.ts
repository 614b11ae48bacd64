/** Uses of errors that must not compile. */
import { type ErrorCode, errors, isRinglineError, type RinglineError } from "@ringline/core";

export function narrow(error: RinglineError<"TIMEOUT"> | RinglineError<"QUEUE_FULL">) {
  // @ts-expect-error not narrowed yet
  error.details.queueSize;
  if (error.code === "QUEUE_FULL") error.details.queueSize;
  // @ts-expect-error no such code
  if (error.code === "FULL") return;
  // @ts-expect-error codes do not change
  error.code = "TIMEOUT";
}
export function guard(error: unknown, code: ErrorCode) {
  // @ts-expect-error no such code
  isRinglineError(error, "FULL");
  // @ts-expect-error the code that was asked for has other details
  if (isRinglineError(error, "TIMEOUT")) error.details.queueSize;
  // @ts-expect-error details of another code
  new errors.QUEUE_FULL({ timeout: 3 });
  // @ts-expect-error no such class
  errors.FULL;
  return code;
}
