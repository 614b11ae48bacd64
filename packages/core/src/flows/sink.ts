import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { AnyOrigin } from "./joint-origin.js";

/** The next step of a message in a flow: one node, or all nodes that the message goes to. */
export interface Sink {
  /** Name of the node that rejects, for dead letters; null for the output of the flow. */
  readonly name: string | null;
  /**
   * Returns true if the message is accepted and counted at its node; false if it must wait: then `push` it at once.
   * Throws the rejection of a node; the message then leaves no trace.
   */
  tryPush(message: AnyMessage, origin: AnyOrigin): boolean;
  /** Resolves on acceptance. Rejects as `tryPush` throws, and with what ends the wait. */
  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void>;
}
