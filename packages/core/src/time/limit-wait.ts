import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { Clock } from "./clock.js";
import type { WaitOptions } from "./wait-options.js";

/**
 * Calls `giveUp` with `TIMEOUT` or `ABORTED` when a wait has lasted long enough. Returns what ends the watch; it leaves
 * neither a timer nor a listener behind.
 */
export function limitWait(
  { timeout, signal }: WaitOptions,
  clock: Clock,
  operation: string,
  kernelId: string,
  giveUp: (error: AnyRinglineError) => void,
): (() => void) | undefined {
  const stopTimer =
    timeout === undefined || timeout === Number.POSITIVE_INFINITY
      ? undefined
      : clock.after(timeout, () => {
          stop();
          giveUp(new errors.TIMEOUT({ operation, timeout }, { kernelId }));
        });
  const aborted = () => {
    stop();
    giveUp(new errors.ABORTED({ operation }, { cause: signal?.reason, kernelId }));
  };
  const stop = () => {
    stopTimer?.();
    signal?.removeEventListener("abort", aborted);
  };
  signal?.addEventListener("abort", aborted, { once: true });
  return stopTimer === undefined && signal === undefined ? undefined : stop;
}
