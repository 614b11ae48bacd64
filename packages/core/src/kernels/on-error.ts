import type { Complete } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import type { ErrorAction, OnError } from "./kernel.js";
import { type Backoff, checkBackoff, DEFAULT_BACKOFF } from "./supervision.js";

export const DEFAULT_RETRIES = 3;

/** An action with its shorthands spelled out. */
export type ErrorPlan =
  | { readonly action: "dead-letter" | "reply" | "fail" }
  | { readonly action: "retry"; readonly retries: number; readonly backoff: Complete<Backoff> };

/** Plan of an action; undefined for any other value, such as a message. */
export function errorPlanOf(action: unknown): ErrorPlan | undefined {
  if (action === "dead-letter" || action === "reply" || action === "fail") return { action };
  if (action === "retry") return { action, retries: DEFAULT_RETRIES, backoff: DEFAULT_BACKOFF };
  const retries = (action as Exclude<ErrorAction, string> | null | undefined)?.retry;
  if (typeof retries !== "number") return undefined;
  if (!(Number.isSafeInteger(retries) && retries >= 1)) {
    throw new errors.INVALID_ARGUMENT({ argument: "onError.retry", value: retries });
  }
  return {
    action: "retry",
    retries,
    backoff: checkBackoff((action as { backoff?: Backoff }).backoff ?? DEFAULT_BACKOFF),
  };
}

/** Throws `INVALID_ARGUMENT` for a value that is neither an action nor a function. */
export function checkOnError<In, Out>(onError: OnError<In, Out>): OnError<In, Out> {
  if (typeof onError === "function" || errorPlanOf(onError) !== undefined) return onError;
  throw new errors.INVALID_ARGUMENT(
    { argument: "onError", value: onError },
    { remedy: '`onError` is "dead-letter", "reply", "fail", "retry", { retry, backoff } or a function.' },
  );
}
