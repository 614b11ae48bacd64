import type { AnyMessage } from "../messages/any-message.js";
import type { DeviceTelemetry } from "../telemetry/telemetry.js";

/** Result of a batch. */
export interface BatchOutcome {
  /**
   * The output of the message at `index`, undefined for none. Called once for each message, in order, while it is in
   * hand: what is made then is caused by it. What it throws, this message failed with.
   */
  output(index: number): AnyMessage | undefined;
  /** A state that counts once the batch is settled. */
  readonly checkpoint?: unknown;
  /** Nothing more is asked of it. */
  release(): void;
}

/** Works on many messages at a time, elsewhere than on the event loop. */
export interface BatchExecutor {
  /** True where no more messages go with these in a batch. */
  isFull(messages: readonly AnyMessage[]): boolean;
  /** Milliseconds that a message waits for others. */
  readonly linger: number;
  /** Most batches under way. */
  readonly depth: number;
  /** Batches are begun in the order of the calls, and end in any order. Rejects with what all its messages failed with. */
  run(messages: readonly AnyMessage[]): Promise<BatchOutcome>;
  /** At this moment. */
  stats(): DeviceTelemetry;
  /** Called once, when the kernel has ended. */
  dispose(): void;
}
