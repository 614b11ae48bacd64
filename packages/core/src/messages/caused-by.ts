import {
  type AnyMessage,
  causeOf,
  idOf,
  lineageOf,
  optionalHeadersOf,
  rawPriorityOf,
  withCause,
} from "./any-message.js";
import { copyMessage, envelopeOf } from "./envelope.js";

/**
 * The message as `cause` causes it: where the message says nothing else it has the priority, the lineage, the deadline and
 * the trace of its cause. `highest`: the highest priority of several causes, of which `cause` is one.
 */
export function causedBy(message: AnyMessage, cause: AnyMessage, highest: number): AnyMessage {
  if (cause === message) return message;
  const made = rawPriorityOf(message);
  const priority = made > 255 ? Math.max(highest, cause.priority) : made;
  const optionalHeaders = optionalHeadersOf(cause);
  const own = optionalHeadersOf(message);
  if (causeOf(message) === null) {
    return withCause(
      message,
      idOf(cause),
      priority,
      own === undefined ? optionalHeaders : { ...own, lineage: optionalHeaders?.lineage },
    );
  }
  const isInFlow =
    own === optionalHeaders ||
    optionalHeaders?.lineage?.origin === undefined ||
    lineageOf(message)?.origin !== undefined;
  return isInFlow && priority === made ? message : answered(cause, message, priority);
}

/** Of what several messages cause, such as a batch of them. */
export function highestPriority(messages: readonly AnyMessage[]): number {
  let highest = 0;
  for (const { priority } of messages) if (priority > highest) highest = priority;
  return highest;
}

/**
 * Lineage of an answer: the message that it answers decides alone who is answered; if that belongs to no input of a
 * flow, the answer belongs to the input of the cause.
 */
function answered(cause: AnyMessage, message: AnyMessage, priority: number): AnyMessage {
  const lineage = lineageOf(message);
  const origin = lineage?.origin ?? lineageOf(cause)?.origin;
  const isPlain = origin === undefined || lineage?.origin !== undefined;
  return copyMessage(message, {
    ...envelopeOf(message),
    priority,
    lineage: isPlain ? lineage : { requester: lineage?.requester, origin },
  });
}
