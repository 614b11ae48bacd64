import type { WaitOptions } from "../time/wait-options.js";

/** Options of a change of a running kernel. */
export interface ChangeOptions extends WaitOptions {
  /**
   * Milliseconds that the kernel has to finish the messages in flight; then they are redelivered.
   *
   * @default 5_000
   */
  readonly grace?: number | undefined;
  /**
   * Time-out in milliseconds of the start of the next incarnation.
   *
   * @default none, but the kernel waits at most 5,000 ms to run again
   */
  readonly timeout?: number | undefined;
  /**
   * Name of the caller, which the event of the change reports.
   *
   * @default "program"
   */
  readonly by?: string | undefined;
}

/** Options of a swap. */
export interface SwapOptions extends ChangeOptions {
  /**
   * Converts the latest checkpoint for the new code. It gets a copy, and is not called if there is none.
   *
   * @default the state stays as it is
   */
  readonly migrate?: ((state: unknown) => unknown) | undefined;
}

/** Options of other limits for a kernel. */
export interface TuneOptions extends ChangeOptions {
  /**
   * Maximum number of queued messages, at least 1.
   *
   * @default as it is
   */
  readonly queueSize?: number | undefined;
}

/** Options of other limits for a stage. */
export interface TuneStageOptions extends TuneOptions {
  /**
   * Maximum messages per second of all workers together; Infinity for no limit.
   *
   * @default as it is
   */
  readonly rate?: number | undefined;
}

/** Options of a move. */
export interface MoveOptions<Place extends string = string> extends ChangeOptions {
  /**
   * Name of the backend.
   *
   * @default the one where the kernel runs
   */
  readonly backend?: Place | undefined;
  /**
   * Number of a thread of the backend, from 0 in the order of start, or a new one.
   *
   * @default the backend chooses
   */
  readonly thread?: number | "new" | undefined;
}
