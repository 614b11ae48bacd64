import {
  type AnyMessage,
  causeOf,
  copyMessage,
  envelopeOf,
  idOf,
  lineageOf,
  optionalHeadersOf,
  rawPriorityOf,
  withCause,
} from "./any-message.js";

/** Driver of a body; processes one message at a time. */
export interface MessageProcessor {
  readonly currentMessage: AnyMessage | undefined;
}

let holder: MessageProcessor | undefined;

/** The message that a synchronous body is processing: the cause of the messages that it creates. */
export function currentMessage(): AnyMessage | undefined {
  return holder?.currentMessage;
}

/**
 * Sets the driver whose body is running, or undefined once the body has returned. Bodies are called from the event
 * loop, never from one another, so at most one runs. Only the synchronous part of a body counts, as other kernels run
 * after an `await`.
 */
export function setProcessor(body: MessageProcessor | undefined): void {
  holder = body;
}

/**
 * Returns `message` as an effect of `cause`: priority, lineage, deadline and trace come from the cause unless the
 * message sets them. `highest`: highest priority of several causes, of which `cause` is one.
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

/** Highest priority of several causes, such as the messages of a batch. */
export function highestPriority(messages: readonly AnyMessage[]): number {
  let highest = 0;
  for (const { priority } of messages) if (priority > highest) highest = priority;
  return highest;
}

/**
 * Lineage of an answer: the requester comes only from the answered message. If that message belongs to no input of a
 * flow, the origin comes from the cause.
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
