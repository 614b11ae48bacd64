import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import { messageTime } from "../time/clock.js";
import {
  AnyMessage,
  causeOf,
  idOf,
  isMessage,
  type OptionalHeaders,
  optionalHeadersOf,
  rawPriorityOf,
} from "./any-message.js";
import { currentMessage } from "./current-message.js";
import { isDevelopment } from "./environment.js";
import { DEFAULT_PRIORITY, type Header, type HeaderOptions, INHERITED_PRIORITY } from "./header.js";
import { asUuid, idOfKey, type MessageId, nextMessageId } from "./message-id.js";

/**
 * Creates a message, caused by the current message unless the options say otherwise. Throws `INVALID_ARGUMENT`,
 * `INVALID_MESSAGE`. The usual path, without options, makes few calls, as every message is created here.
 */
export function createMessage(type: string, body: object, header: HeaderOptions | undefined): AnyMessage {
  if (header !== undefined) return createWithHeader(type, body, header);
  const inHand = currentMessage();
  if (inHand === undefined) {
    return new AnyMessage(type, body, nextMessageId(), null, INHERITED_PRIORITY, undefined);
  }
  return new AnyMessage(type, body, nextMessageId(), idOf(inHand), inHand.priority, optionalHeadersOf(inHand));
}

function createWithHeader(type: string, body: object, header: HeaderOptions): AnyMessage {
  const inHand = currentMessage();
  const cause = inHand === undefined ? null : idOf(inHand);
  const priority = inHand === undefined ? INHERITED_PRIORITY : inHand.priority;
  const optionalHeaders = inHand === undefined ? undefined : optionalHeadersOf(inHand);
  return compose(type, body, nextMessageId(), cause, priority, optionalHeaders, header);
}

/** Copies a message with other header fields. Throws `INVALID_ARGUMENT`. */
export function withHeader(message: AnyMessage, header: HeaderOptions): AnyMessage {
  const priority = rawPriorityOf(message);
  return compose(message.type, message, idOf(message), causeOf(message), priority, optionalHeadersOf(message), header);
}

/**
 * Takes separate parameters because answers are created here often. A message passes priority, lineage and deadline on
 * to its effects, so the optional headers are passed unchanged.
 */
function compose(
  type: string,
  body: object,
  id: MessageId,
  cause: MessageId | null,
  priority: number,
  optionalHeaders: OptionalHeaders | undefined,
  header: HeaderOptions,
): AnyMessage {
  if (typeof header !== "object" || header === null) {
    throw new errors.INVALID_ARGUMENT({ argument: "options", value: header });
  }
  if (isDevelopment) checkNames(header);
  const { replyTo, correlationId, priority: ownPriority, expiresIn, trace, key } = header;
  if (isMessage(replyTo)) {
    cause = idOf(replyTo);
    priority = replyTo.priority;
    optionalHeaders = optionalHeadersOf(replyTo);
  } else if (replyTo !== undefined) {
    cause = foreignId(replyTo);
    priority = checkPriority(replyTo.priority ?? DEFAULT_PRIORITY);
    optionalHeaders = undefined;
  }
  if (correlationId !== undefined) cause = checkCorrelationId(correlationId);
  if (ownPriority !== undefined) priority = checkPriority(ownPriority);
  if (expiresIn !== undefined)
    optionalHeaders = {
      ...optionalHeaders,
      expiresAt: messageTime() + checkExpiry(expiresIn),
      lineage: optionalHeaders?.lineage,
    };
  if (trace !== undefined) {
    const { expiresAt = Number.POSITIVE_INFINITY, lineage } = optionalHeaders ?? {};
    optionalHeaders = { expiresAt, lineage, trace: checkTrace(trace) };
  }
  if (key !== undefined) id = idOfKey(type, checkKey(key));
  return new AnyMessage(type, body, id, cause, priority, optionalHeaders);
}

/** Checks the id of an answered message that was not made here; such a message has no requester. */
function foreignId(asked: Header | null): string {
  const id = asUuid(asked?.messageId);
  if (id !== undefined) return id;
  throw new errors.INVALID_ARGUMENT({ argument: "replyTo", value: asked });
}

const OPTIONS: readonly string[] = [
  "priority",
  "replyTo",
  "correlationId",
  "expiresIn",
  "trace",
  "key",
] satisfies (keyof HeaderOptions)[];

/** Throws `INVALID_ARGUMENT` for an unknown option, such as a misspelt one. */
export function checkNames(header: HeaderOptions): void {
  checkOptions(header, OPTIONS, "a header");
}

export function checkPriority(priority: unknown): number {
  if (Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 255) return priority as number;
  throw new errors.INVALID_ARGUMENT(
    { argument: "priority", value: priority },
    { remedy: "A priority is an integer from 0 to 255, higher first." },
  );
}

/** Fields of a traceparent: version, trace, parent, flags (https://www.w3.org/TR/trace-context/#traceparent-header). */
const TRACEPARENT = /^[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

export function checkTrace(trace: unknown): string {
  if (typeof trace === "string" && TRACEPARENT.test(trace)) return trace;
  throw new errors.INVALID_ARGUMENT(
    { argument: "trace", value: trace },
    { remedy: "`trace` is a W3C traceparent: 00-<32 hexadecimal digits>-<16>-<2>." },
  );
}

export function checkKey(key: unknown): string {
  if (typeof key === "string" && key !== "") return key;
  throw new errors.INVALID_ARGUMENT({ argument: "key", value: key }, { remedy: "A key is a non-empty string." });
}

export function checkCorrelationId(id: unknown): string | null {
  const uuid = id === null ? null : asUuid(id);
  if (uuid !== undefined) return uuid;
  throw new errors.INVALID_ARGUMENT(
    { argument: "correlationId", value: id },
    { remedy: "A correlation id is the UUID of another message, or null." },
  );
}

export function checkExpiry(expiresIn: unknown): number {
  if (typeof expiresIn === "number" && expiresIn > 0) return expiresIn;
  throw new errors.INVALID_ARGUMENT(
    { argument: "expiresIn", value: expiresIn },
    { remedy: "`expiresIn` is more than 0 milliseconds." },
  );
}
