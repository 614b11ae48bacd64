import type { AnyRinglineError } from "../errors/ringline-error.js";
import { body } from "../messages/body.js";
import { defineMessage } from "../messages/define-message.js";
import type { MessageType } from "../messages/message-type.js";

/** The reason why a stage has no result for a message. */
export interface StageFailureBody {
  /** The name of the stage. */
  readonly stage: string;
  /** `messageId` of the message that failed. */
  readonly failedId: string;
  readonly error: AnyRinglineError;
}

/**
 * The message that replaces the result of a stage with `onError: "reply"`. It bypasses all later nodes, straight to
 * the output of the flow.
 */
export const StageFailure: MessageType<"StageFailure", StageFailureBody> = defineMessage(
  "StageFailure",
  body<StageFailureBody>(),
);
export type StageFailure = (typeof StageFailure)["~message"];

/** The part of an output that later nodes see. */
export type Data<Out> = Exclude<Out, StageFailure>;
/** The part of an output that bypasses later nodes. */
export type Failed<Out> = Extract<Out, StageFailure>;
/** `StageFailure` if "reply" is among the decisions of `onError`. */
export type FailureOf<Chosen> = "reply" extends Awaited<Chosen> ? StageFailure : never;
