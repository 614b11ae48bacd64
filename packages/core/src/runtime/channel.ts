import { isRinglineError } from "../errors/ringline-error.js";
import type { Exchange } from "../kernels/kernel-context.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";

/** The host's end of a running kernel or flow. `for await` iterates over its outputs until it is terminated. */
export interface Channel<in In, out Out> extends Exchange<In, Out>, AsyncIterable<Out>, AsyncDisposable {
  /** Resolves when the kernel or flow has ended; further calls wait for the same end. */
  terminate(options?: TerminateOptions): Promise<void>;
}

/** Options of the end of a kernel, a flow or a runtime. */
export interface TerminateOptions extends WaitOptions {
  /**
   * Finishes the accepted messages first, if the kernel is active.
   *
   * @default false
   */
  readonly drain?: boolean | undefined;
  /**
   * Milliseconds that the kernel has to end by itself, drain included; then it is abandoned: nothing that its body
   * still does has an effect. Infinity for no limit.
   *
   * @default 5_000
   */
  readonly timeout?: number | undefined;
  /** Ends the grace period at once. */
  readonly signal?: AbortSignal | undefined;
}

/** Iterates over outputs until their sender is terminated. */
export function iterateOutputs(
  receive: (wait: WaitOptions) => Promise<AnyMessage>,
): AsyncIterator<AnyMessage, void, void> {
  const left = new AbortController();
  const end = { done: true, value: undefined } as const;
  return {
    next: async () => {
      try {
        return { done: false, value: await receive({ signal: left.signal }) };
      } catch (error) {
        if (isRinglineError(error, "TERMINATED") || left.signal.aborted) return end;
        throw error;
      }
    },
    return: async () => {
      left.abort();
      return end;
    },
  };
}
