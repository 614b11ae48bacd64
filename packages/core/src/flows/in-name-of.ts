import { errors } from "../errors/ringline-error.js";
import { AnyMessage, causeOf, idOf, isMessage, lineageOf, type Rarities, raritiesOf } from "../messages/any-message.js";
import { causedBy, highestPriority } from "../messages/caused-by.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { calls } from "../messages/in-hand.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { AnyOrigin } from "./joint-origin.js";

const COMMON: Rarities = { expiresAt: Number.POSITIVE_INFINITY, lineage: undefined };

/** The message in the name of an input. */
export function inNameOf(message: AnyMessage, origin: FlowOrigin): AnyMessage {
  const { expiresAt, trace } = raritiesOf(message) ?? COMMON;
  const isPlain = expiresAt === Number.POSITIVE_INFINITY && trace === undefined;
  const rarities = isPlain ? origin : { expiresAt, lineage: origin, trace };
  return new AnyMessage(message.type, message, idOf(message), causeOf(message), message.priority, rarities);
}

/**
 * Combines several messages by a function, caused by `last`, with the highest of their priorities and on behalf of
 * `origin`. Throws what the function throws.
 */
export function made(
  make: () => unknown,
  last: AnyMessage,
  parts: readonly AnyMessage[],
  origin: AnyOrigin,
): AnyMessage {
  const priority = highestPriority(parts);
  const cause = priority === last.priority ? last : copyMessage(last, { ...envelopeOf(last), priority });
  calls({ inHand: cause });
  let result: unknown;
  try {
    result = make();
  } finally {
    calls(undefined);
  }
  if (!isMessage(result)) throw new errors.INVALID_ARGUMENT({ argument: "into", value: result });
  const caused = parts.includes(result) ? result : causedBy(result, cause, priority);
  return lineageOf(caused)?.origin === origin
    ? caused
    : copyMessage(caused, { ...envelopeOf(caused), lineage: origin });
}
