import type { AnyMessage } from "./any-message.js";

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
