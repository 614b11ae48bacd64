import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { HandleReferences } from "./handle-references.js";
import { dropHandle, handleFor, handleReferencesOf, hasDevices, isBuffer, type SharedBuffer } from "./shared-buffer.js";

/** False in programs that have no buffers: then messages are not looked through. */
export let hasBuffers = false;

export function enableBuffers(): void {
  hasBuffers = true;
}

/** The buffers of a message: fields of its body. */
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
 * A message is about to be accepted here: the one that is accepted has handles of its own, with its sender's references,
 * or more of them where the sender has it in hand. Those of the sender end when it has no other reference.
 * Throws `INVALID_ARGUMENT` for a buffer that nobody has any more: its memory may be another's.
 */
export function transferReferences(message: AnyMessage): AnyMessage {
  const buffers = buffersOf(message);
  checkReferences(buffers, message);
  return withHandles(message, buffers, () => "own", "inFlight");
}

/** The same for a message that nobody will ask for: what is gone is gone. */
export function transferIfPresent(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), () => "own", "inFlight");
}

/** The same for a dead letter: whoever had the message in hand has it no more. */
export function deadLetterCopyOf(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), ({ inFlight }) => (inFlight > 0 ? "inFlight" : "own"), "inFlight");
}

/** The same for an answer: its references are its requester's. */
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

/** A message that was made here of what came from elsewhere is in hand: its references are those of the message. */
export function lendReferences(message: AnyMessage): void {
  const buffers = buffersOf(message);
  checkReferences(buffers, message);
  for (const buffer of buffers) lendOne(handleReferencesOf(buffer));
}

/** Throws `INVALID_ARGUMENT` for a buffer to which nobody here has a reference. */
export function checkReferences(buffers: readonly SharedBuffer[], message: AnyMessage): void {
  for (const buffer of buffers) if (handleReferencesOf(buffer).count === 0) throw usedUpError(message);
}

/** The same for a message that nobody will ask for: what is gone is gone. */
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

/** The buffers of a message that its sender has only by what it has in hand: from now on it has references of its own. */
export function ownReferences(message: AnyMessage): SharedBuffer[] {
  const borrowed = buffersOf(message).filter(
    (buffer) => handleReferencesOf(buffer).own === 0 && handleReferencesOf(buffer).inFlight > 0,
  );
  for (const buffer of borrowed) handleReferencesOf(buffer).add("own");
  return borrowed;
}

/** So many more references of a sender's own: a message goes to several, each of which takes one. */
export function shareReferences(message: AnyMessage, count: number): void {
  for (const buffer of buffersOf(message)) for (let i = 0; i < count; i++) handleReferencesOf(buffer).add("own");
}

/** References of a sender's own that nobody took. */
export function unshareReferences(message: AnyMessage, count: number): void {
  for (const buffer of buffersOf(message)) {
    for (let i = 0; i < count; i++) buffer.release();
  }
}

/** Ends the handles of buffers that were handed over whole. */
export function dropHandlesOf(buffers: readonly SharedBuffer[]): void {
  for (const buffer of buffers) if (handleReferencesOf(buffer).count === 0) dropHandle(buffer);
}

/** A message has gone to another place, with references of its own: those that its sender gave are not needed here. */
export function referencesMoved(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = handleReferencesOf(buffer);
    if (hold.own > 0) hold.drop("own");
    if (hold.count === 0) dropHandle(buffer);
  }
}

/** A message leaves the runtime: its references are its receiver's. */
export function giveReferences(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = handleReferencesOf(buffer);
    if (hold.inFlight === 0) continue;
    hold.inFlight--;
    hold.own++;
  }
}

/** A message is settled, or dropped: what is left of its references goes. */
export function releaseReferences(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = handleReferencesOf(buffer);
    if (hold.inFlight > 0) hold.drop("inFlight");
    else if (hold.own > 0) hold.drop("own");
    if (hold.count === 0) dropHandle(buffer);
  }
}

/** True for a message with a buffer whose latest content is on a device alone. */
export function isOnDevice(message: AnyMessage): boolean {
  return hasDevices && buffersOf(message).some(({ side }) => side === "device" || side === "lost");
}

/** Brings all that is on a device alone to the host side. Rejects as `read` does. */
export async function readBack(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
  await Promise.all(buffersOf(message).map((buffer) => (buffer.side === "host" ? undefined : buffer.read(wait))));
}
