import { type AnyMessage, buffersOf, checkHeld, hasBuffers } from "@ringline/core/internal";
import { copied, packBody, type WireBody } from "../wire/message.js";

/** An accepted message that is not settled. */
export class Entry {
  attempts = 0;
  /** Requeued ones go first, the latest of them first of all: the order among them; 0 for all others. */
  again = 0;
  isInHand = false;
  /** The message as its receiver sees it, once that was asked for. */
  copy: AnyMessage | undefined;

  constructor(
    readonly key: number,
    readonly sent: AnyMessage,
    readonly body: WireBody,
    readonly since: number,
  ) {}
}

/** The message as its receiver sees it. */
export function copyOf(entry: Entry): AnyMessage {
  entry.copy ??= copied(entry.sent, entry.body);
  return entry.copy;
}

/** Throws `INVALID_ARGUMENT` for a buffer that its sender does not have any more, and `SERIALIZATION`. */
export function pack(message: AnyMessage): WireBody {
  if (hasBuffers) checkHeld(buffersOf(message), message);
  return packBody(message);
}
