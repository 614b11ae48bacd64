import type { Ledger, Runtime } from "@ringline/core";
import { stopping } from "./health.js";

export interface StopOptions {
  /**
   * Signals to handle.
   *
   * @default SIGTERM and SIGINT
   */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /**
   * Milliseconds to finish the accepted messages; what is left becomes dead letters.
   *
   * @default 10_000
   */
  readonly timeout?: number | undefined;
  /** Called first, to stop accepting work, such as by `server.close()`. The runtime is disposed once it resolves. */
  readonly before?: (() => void | Promise<void>) | undefined;
  /**
   * Called last, with the final ledgers.
   *
   * @default nothing
   */
  readonly after?: ((ledgers: ReadonlyMap<string, Ledger>) => void | Promise<void>) | undefined;
}

export interface GracefulStop extends Disposable {
  readonly isStopping: boolean;
  /** Stops the runtime as a signal does, but does not end the process. */
  stop(): Promise<void>;
}

/**
 * Ends a runtime in order when the process gets a signal to end: `healthOf` says not ready, accepted messages are finished,
 * then the process ends by the same signal. A second signal ends it at once.
 */
export function gracefulStop(runtime: Runtime, options: StopOptions = {}): GracefulStop {
  const { signals = ["SIGTERM", "SIGINT"], timeout = 10_000, before, after } = options;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      stopping.add(runtime);
      try {
        await before?.();
      } finally {
        const ledgers = await runtime.dispose({ drain: true, timeout });
        await after?.(ledgers);
      }
    })();
    return stopped;
  };
  const leave = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    leave(); // the next signal has its usual effect
    void stop()
      .catch((error: unknown) => console.error("[ringline] the graceful stop failed", error))
      .finally(() => process.kill(process.pid, signal));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    get isStopping() {
      return stopped !== undefined;
    },
    stop,
    [Symbol.dispose]: leave,
  };
}
