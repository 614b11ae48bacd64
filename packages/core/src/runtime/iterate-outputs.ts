import { isRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";

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
