import type { Complete } from "../errors/check-options.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { ErrorAction, OnError } from "./kernel.js";
import { type Backoff, checkBackoff, DEFAULT_BACKOFF, delayBefore } from "./supervision.js";

export const DEFAULT_RETRIES = 3;

/** An action with its shorthands spelled out. */
export type ErrorPlan =
  | { readonly action: "dead-letter" | "reply" | "fail" }
  | {
      readonly action: "retry";
      readonly retries: number;
      readonly backoff: Complete<Backoff>;
      readonly retryIf?: RetryIf | undefined;
    };
type RetryAction = Exclude<ErrorAction, string>;
type RetryIf = NonNullable<RetryAction["retryIf"]>;

/** Milliseconds before the attempt that follows on attempt number `attempt`; undefined for no further one. */
export function retryDelay(
  { retries, backoff, retryIf }: Extract<ErrorPlan, { action: "retry" }>,
  error: AnyRinglineError,
  attempt: number,
): number | undefined {
  const verdict = attempt <= retries && (retryIf === undefined || retryIf(error, attempt));
  if (verdict === false) return undefined;
  if (verdict === true) return delayBefore(attempt + 1, backoff);
  const { delay } = verdict;
  if (typeof delay === "number" && delay >= 0) return delay;
  throw invalid("onError.retryIf", verdict, "`retryIf` returns true, false or { delay }, in milliseconds.");
}

/** Plan of an action; undefined for any other value, such as a message. */
export function errorPlanOf(action: unknown): ErrorPlan | undefined {
  if (action === "dead-letter" || action === "reply" || action === "fail") return { action };
  if (action === "retry") return { action, retries: DEFAULT_RETRIES, backoff: DEFAULT_BACKOFF };
  const { retry: retries, backoff = DEFAULT_BACKOFF, retryIf } = (action ?? {}) as Partial<RetryAction>;
  if (typeof retries !== "number") return undefined;
  if (!(Number.isSafeInteger(retries) && retries >= 1)) throw invalid("onError.retry", retries);
  if (retryIf !== undefined && typeof retryIf !== "function") throw invalid("onError.retryIf", retryIf);
  return { action: "retry", retries, backoff: checkBackoff(backoff), retryIf };
}

/** Throws `INVALID_ARGUMENT` for a value that is neither an action nor a function. */
export function checkOnError<In, Out>(onError: OnError<In, Out>): OnError<In, Out> {
  if (typeof onError === "function" || errorPlanOf(onError) !== undefined) return onError;
  const remedy = '`onError` is "dead-letter", "reply", "fail", "retry", { retry, backoff, retryIf } or a function.';
  throw invalid("onError", onError, remedy);
}

/** True if the policy contains a function, which cannot be sent to another place. */
export function hasFunction(onError: unknown): boolean {
  return typeof onError === "function" || typeof (onError as Partial<RetryAction> | null)?.retryIf === "function";
}

function invalid(argument: string, value: unknown, remedy?: string): Error {
  return new errors.INVALID_ARGUMENT({ argument, value }, remedy === undefined ? {} : { remedy });
}
