import { errors } from "../errors/ringline-error.js";
import {
  AnyMessage,
  causeOf,
  copyMessage,
  envelopeOf,
  idOf,
  isMessage,
  lineageOf,
  type OptionalHeaders,
  optionalHeadersOf,
} from "../messages/any-message.js";
import { causedBy, highestPriority, setProcessor } from "../messages/current-message.js";
import type { AnyOrigin, FlowOrigin } from "./flow-origin.js";

const COMMON: OptionalHeaders = { expiresAt: Number.POSITIVE_INFINITY, lineage: undefined };

/** Copies a message on behalf of an input. */
export function onBehalfOf(message: AnyMessage, origin: FlowOrigin): AnyMessage {
  const { expiresAt, trace } = optionalHeadersOf(message) ?? COMMON;
  const isPlain = expiresAt === Number.POSITIVE_INFINITY && trace === undefined;
  const optionalHeaders = isPlain ? origin : { expiresAt, lineage: origin, trace };
  return new AnyMessage(message.type, message, idOf(message), causeOf(message), message.priority, optionalHeaders);
}

/**
 * Combines several messages by a function, caused by `last`, with the highest of their priorities and on behalf of
 * `origin`. Throws what the function throws.
 */
export function combined(
  make: () => unknown,
  last: AnyMessage,
  parts: readonly AnyMessage[],
  origin: AnyOrigin,
): AnyMessage {
  const priority = highestPriority(parts);
  const cause = priority === last.priority ? last : copyMessage(last, { ...envelopeOf(last), priority });
  setProcessor({ currentMessage: cause });
  let result: unknown;
  try {
    result = make();
  } finally {
    setProcessor(undefined);
  }
  if (!isMessage(result)) throw new errors.INVALID_ARGUMENT({ argument: "into", value: result });
  const caused = parts.includes(result) ? result : causedBy(result, cause, priority);
  return lineageOf(caused)?.origin === origin
    ? caused
    : copyMessage(caused, { ...envelopeOf(caused), lineage: origin });
}
