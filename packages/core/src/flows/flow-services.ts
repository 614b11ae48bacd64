import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { AnyOrigin, FlowOrigin } from "./flow-origin.js";

/** The services that nodes of a flow on the host use. */
export interface FlowServices {
  /** Id of the flow: its kernels are "id.stage". */
  readonly id: string;
  readonly clock: Clock;
  /**
   * Dead-letters a message with the reason, and fails the request of its input. `stage`: the node; null for the output
   * of the flow. Returns the recorded error.
   */
  deadLetter(message: AnyMessage, error: unknown, stage: string | null): AnyRinglineError;
  /** Dead-letters a message of a cancelled input. */
  cancelled(message: AnyMessage): void;
  /** Reports an error thrown by a function of a node, and returns it as a Ringline error. */
  error(thrown: unknown, message: AnyMessage, stage: string): AnyRinglineError;
  /**
   * Makes a message that a stage sends without an input an input of its own. Its entry counts until `leaveEntry`.
   * `late`: the input that the message names, which has passed already. `node`: the first node of the stage.
   */
  adopt(
    message: AnyMessage,
    late: AnyOrigin | undefined,
    node: number,
  ): { readonly message: AnyMessage; readonly origin: FlowOrigin };
}

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
