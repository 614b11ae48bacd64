import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { AnyOrigin } from "./joint-origin.js";

/** What comes next in a flow: one node, or all that a message goes to. */
export interface Sink {
  /** Whose refusal it is, for dead letters: a node; null for the output of the flow. */
  readonly name: string | null;
  /**
   * True when the message is accepted, and entered where it is. False when it must wait: then `push` it, at once.
   * Throws what refuses it; then it left no trace.
   */
  tryPush(message: AnyMessage, origin: AnyOrigin): boolean;
  /** Resolves on acceptance. Rejects as `tryPush` throws, and with what ends the wait. */
  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void>;
}
