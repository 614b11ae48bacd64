import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, copyMessage, envelopeOf } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { HandleReferences } from "./handle-references.js";
import { dropHandle, handleFor, handleReferencesOf, hasDevices, isBuffer, type SharedBuffer } from "./shared-buffer.js";

/** False in programs without buffers: messages are then not searched for buffers. */
export let hasBuffers = false;

export function enableBuffers(): void {
  hasBuffers = true;
}

/** Buffers among the fields of a message's body. */
export function buffersOf(message: AnyMessage): SharedBuffer[] {
  const found: SharedBuffer[] = [];
  const body = message as unknown as Readonly<Record<string, unknown>>;
  for (const key in body) {
    const value = body[key];
    if (isBuffer(value)) found.push(value);
  }
  return found;
}

/**
 * Prepares a message for acceptance: the accepted copy has its own handles, which take over the sender's references, or
 * add references if the sender has the message in flight. The sender's handle ends when it has no other reference.
 * Throws `INVALID_ARGUMENT` for a released buffer, as its memory may be in use again.
 */
export function transferReferences(message: AnyMessage): AnyMessage {
  const buffers = buffersOf(message);
  checkReferences(buffers, message);
  return withHandles(message, buffers, () => "own", "inFlight");
}

/** As `transferReferences`, without the check: buffers that are already released are ignored. */
export function transferIfPresent(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), () => "own", "inFlight");
}

/** As `transferReferences`, for a dead letter: it takes over the references of the message in flight. */
export function deadLetterCopyOf(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), ({ inFlight }) => (inFlight > 0 ? "inFlight" : "own"), "inFlight");
}

/** As `transferReferences`, for an answer: its references belong to the requester. */
export function answerCopyOf(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), ({ own }) => (own > 0 ? "own" : "inFlight"), "own");
}

function withHandles(
  message: AnyMessage,
  buffers: readonly SharedBuffer[],
  from: (hold: HandleReferences) => "own" | "inFlight",
  to: "own" | "inFlight",
): AnyMessage {
  if (buffers.length === 0) return message;
  const handles = new Map<unknown, SharedBuffer>();
  for (const buffer of buffers) {
    const hold = handleReferencesOf(buffer);
    if (hold.count === 0 || handles.has(buffer)) continue;
    handles.set(buffer, handleFor(buffer, hold.successor(from(hold), to)));
    if (hold.count === 0) dropHandle(buffer);
  }
  const body = Object.entries(message).map(([field, value]) => [field, handles.get(value) ?? value] as const);
  return copyMessage(message, envelopeOf(message), Object.fromEntries(body));
}

/** Marks the references of a received message as in flight: its buffers are released when it settles. */
export function lendReferences(message: AnyMessage): void {
  const buffers = buffersOf(message);
  checkReferences(buffers, message);
  for (const buffer of buffers) lendOne(handleReferencesOf(buffer));
}

/** Throws `INVALID_ARGUMENT` for a buffer to which this place has no reference. */
export function checkReferences(buffers: readonly SharedBuffer[], message: AnyMessage): void {
  for (const buffer of buffers) if (handleReferencesOf(buffer).count === 0) throw usedUpError(message);
}

/** As `lendReferences`, without the check: buffers that are already released are ignored. */
export function keep(message: AnyMessage): void {
  for (const buffer of buffersOf(message))
    if (handleReferencesOf(buffer).count > 0) lendOne(handleReferencesOf(buffer));
}

function lendOne(hold: HandleReferences): void {
  if (hold.own > 0) {
    hold.own--;
    hold.inFlight++;
  } else hold.add("inFlight");
}

function usedUpError({ messageId }: AnyMessage) {
  const remedy = "The buffer was sent or released: call retain() before you send it a second time.";
  return new errors.INVALID_ARGUMENT({ argument: "buffer", value: "released" }, { messageId, remedy });
}

/**
 * Adds references of the sender's own to those buffers that it has only through a message in flight; returns these
 * buffers.
 */
export function ownReferences(message: AnyMessage): SharedBuffer[] {
  const borrowed = buffersOf(message).filter(
    (buffer) => handleReferencesOf(buffer).own === 0 && handleReferencesOf(buffer).inFlight > 0,
  );
  for (const buffer of borrowed) handleReferencesOf(buffer).add("own");
  return borrowed;
}

/** Adds `count` references of the sender's own: a message goes to several receivers, each of which takes one. */
export function shareReferences(message: AnyMessage, count: number): void {
  for (const buffer of buffersOf(message)) for (let i = 0; i < count; i++) handleReferencesOf(buffer).add("own");
}

/** Releases `count` references of the sender's own that no receiver took. */
export function unshareReferences(message: AnyMessage, count: number): void {
  for (const buffer of buffersOf(message)) {
    for (let i = 0; i < count; i++) buffer.release();
  }
}

/** Ends the handles of buffers whose references were all transferred. */
export function dropHandlesOf(buffers: readonly SharedBuffer[]): void {
  for (const buffer of buffers) if (handleReferencesOf(buffer).count === 0) dropHandle(buffer);
}

/** Releases the sender's references after a message was sent to another place, where it has references of its own. */
export function referencesMoved(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = handleReferencesOf(buffer);
    if (hold.own > 0) hold.drop("own");
    if (hold.count === 0) dropHandle(buffer);
  }
}

/** Makes the references of a message its receiver's own when the message leaves the runtime. */
export function giveReferences(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = handleReferencesOf(buffer);
    if (hold.inFlight === 0) continue;
    hold.inFlight--;
    hold.own++;
  }
}

/** Releases the remaining references of a message that is settled or dropped. */
export function releaseReferences(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = handleReferencesOf(buffer);
    if (hold.inFlight > 0) hold.drop("inFlight");
    else if (hold.own > 0) hold.drop("own");
    if (hold.count === 0) dropHandle(buffer);
  }
}

/** True if the latest content of some buffer of the message is only on a device. */
export function isOnDevice(message: AnyMessage): boolean {
  return hasDevices && buffersOf(message).some(({ side }) => side === "device" || side === "lost");
}

/** Reads all content that is only on a device back to the host side. Rejects as `read` does. */
export async function readBack(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
  await Promise.all(buffersOf(message).map((buffer) => (buffer.side === "host" ? undefined : buffer.read(wait))));
}
