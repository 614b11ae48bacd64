import type { AnyMessage } from "./any-message.js";

/** A body's driver, which processes one message at a time. */
export interface MessageProcessor {
  readonly currentMessage: AnyMessage | undefined;
}

let holder: MessageProcessor | undefined;

/** The message that a synchronous body is working on right now: the cause of the messages it creates. */
export function currentMessage(): AnyMessage | undefined {
  return holder?.currentMessage;
}

/**
 * Says whose body is called, or that it has returned. Bodies are called from the event loop, never from one another, so
 * there is one at a time; only the synchronous part of a body counts, as after an `await` other kernels run.
 */
export function setProcessor(body: MessageProcessor | undefined): void {
  holder = body;
}
