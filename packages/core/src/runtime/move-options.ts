import type { WaitOptions } from "../time/wait-options.js";

/** Options of a move. */
export interface MoveOptions<Place extends string = string> extends WaitOptions {
  /** Name of the backend. Default: the one where the kernel runs. */
  readonly backend?: Place | undefined;
  /** Number of a thread of the backend, from 0 in the order of start, or a new one. Default: the backend chooses. */
  readonly thread?: number | "new" | undefined;
  /** Milliseconds that the kernel has to finish the messages in flight; then they are redelivered. Default 5,000. */
  readonly grace?: number | undefined;
  /**
   * Time-out in milliseconds of the start elsewhere. Default: none, but the kernel waits no longer than 5,000 to run
   * again.
   */
  readonly timeout?: number | undefined;
  /** Author of the request, for the event `relocated`. Default "program". */
  readonly by?: string | undefined;
}
