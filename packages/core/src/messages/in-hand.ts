import type { MessageBase } from "./message-base.js";

let inHand: MessageBase | undefined;

/** The message that a synchronous body is working on right now: the cause of the messages it creates. */
export function messageInHand(): MessageBase | undefined {
  return inHand;
}

/**
 * Puts a message in hand, or nothing. Bodies are called from the event loop, never from one another, so there is one at
 * a time; only the synchronous part of a body sees it, as after an `await` other kernels run.
 */
export function putInHand(message: MessageBase | undefined): void {
  inHand = message;
}
