import type { Exchange } from "../kernels/kernel-context.js";
import type { WaitOptions } from "../time/wait-options.js";

export interface TerminateOptions extends WaitOptions {
  /** First finish what was accepted, if the kernel is active. Default false. */
  readonly drain?: boolean | undefined;
  /**
   * Milliseconds that the kernel gets to end by itself, drain included; then it is abandoned: nothing it still does
   * has an effect. Infinity: as long as it takes. Default 5,000.
   */
  readonly timeout?: number | undefined;
  /** Ends the grace period at once. */
  readonly signal?: AbortSignal | undefined;
}

/** The host's side of something that runs. `for await` takes its outputs until it is terminated. */
export interface Channel<in In, out Out> extends Exchange<In, Out>, AsyncIterable<Out>, AsyncDisposable {
  /** Resolves when it has ended; the second call waits for the same end. */
  terminate(options?: TerminateOptions): Promise<void>;
}
