import { v4, v7 } from "uuid";
import type { DerivedId } from "./derived-id.js";

/**
 * The identity of a message: a number counted up in this place, which becomes a UUID only when somebody reads it, the
 * text of a UUID that came from elsewhere, or what an output derives its own from.
 */
export type MessageId = number | string | DerivedId;

/** Numbers that fit into the counter field of one UUID; beyond it the time part goes up by one millisecond. */
const COUNTER_RANGE = 2 ** 32;

const random = v4(undefined, new Uint8Array(16));
const started = Date.now();
let count = 0;

/** A new identity; costs one addition. */
export function nextMessageId(): MessageId {
  return count++;
}

/**
 * The UUID of an identity: version 7 (RFC 9562) with the time at which this place started, the number in the counter
 * field, so that ids sort by creation, and the random part of this place.
 */
export function messageIdText(id: MessageId): string {
  if (typeof id === "string") return id;
  if (typeof id === "object") return id.text;
  return v7({ random, msecs: started + Math.floor(id / COUNTER_RANGE), seq: id % COUNTER_RANGE });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}
