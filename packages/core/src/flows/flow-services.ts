import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Clock } from "../time/clock.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { AnyOrigin } from "./joint-origin.js";

/** The services that nodes of a flow on the host use. */
export interface FlowServices {
  /** The flow's name: its kernels are "id.stage". */
  readonly id: string;
  readonly clock: Clock;
  /**
   * Keeps a message with the reason, and tells whoever waits for the answer of its input. `stage`: the node; null for the
   * output of the flow. Returns the error as others see it.
   */
  deadLetter(message: AnyMessage, error: unknown, stage: string | null): AnyRinglineError;
  /** Makes a dead letter of what nobody wants any more. */
  cancelled(message: AnyMessage): void;
  /** A function of a node threw. */
  error(thrown: unknown, message: AnyMessage, stage: string): AnyRinglineError;
  /**
   * Makes what a stage sends without an input an input of its own. Its entry counts until `leaveEntry`. `late`: the
   * input that the message names, which has passed already. `node`: the first of the stage.
   */
  adopt(
    message: AnyMessage,
    late: AnyOrigin | undefined,
    node: number,
  ): { readonly message: AnyMessage; readonly origin: FlowOrigin };
}
