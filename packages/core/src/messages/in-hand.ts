import type { MessageBase } from "./message-base.js";

let inHand: MessageBase | undefined;

/** The message that a synchronous body is working on right now: the cause of the messages it creates. */
export function messageInHand(): MessageBase | undefined {
  return inHand;
}

/** Runs a body with `message` in hand. Only its synchronous part sees it; after an `await` other kernels run. */
export function withInHand<In extends MessageBase, Ctx, Result>(
  body: (message: In, ctx: Ctx) => Result,
  message: In,
  ctx: Ctx,
): Result {
  const outer = inHand;
  inHand = message;
  try {
    return body(message, ctx);
  } finally {
    inHand = outer;
  }
}
