import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Hold } from "./hold.js";
import { handleFor, hasDevices, holdOf, isBuffer, letGo, type SharedBuffer } from "./shared-buffer.js";

/** False in programs that have no buffers: then messages are not looked through. */
export let hasBuffers = false;

export function noteBuffers(): void {
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
export function handOver(message: AnyMessage): AnyMessage {
  const buffers = buffersOf(message);
  checkHeld(buffers, message);
  return withHandles(message, buffers, () => "own", "lent");
}

/** The same for a message that nobody will ask for: what is gone is gone. */
export function keepOver(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), () => "own", "lent");
}

/** The same for a dead letter: whoever had the message in hand has it no more. */
export function letterOf(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), ({ lent }) => (lent > 0 ? "lent" : "own"), "lent");
}

/** The same for an answer: its references are its requester's. */
export function answerOf(message: AnyMessage): AnyMessage {
  return withHandles(message, buffersOf(message), ({ own }) => (own > 0 ? "own" : "lent"), "own");
}

function withHandles(
  message: AnyMessage,
  buffers: readonly SharedBuffer[],
  from: (hold: Hold) => "own" | "lent",
  to: "own" | "lent",
): AnyMessage {
  if (buffers.length === 0) return message;
  const handles = new Map<unknown, SharedBuffer>();
  for (const buffer of buffers) {
    const hold = holdOf(buffer);
    if (hold.count === 0 || handles.has(buffer)) continue;
    handles.set(buffer, handleFor(buffer, hold.heir(from(hold), to)));
    if (hold.count === 0) letGo(buffer);
  }
  const body = Object.entries(message).map(([field, value]) => [field, handles.get(value) ?? value] as const);
  return copyMessage(message, envelopeOf(message), Object.fromEntries(body));
}

/** A message that was made here of what came from elsewhere is in hand: its references are those of the message. */
export function lend(message: AnyMessage): void {
  const buffers = buffersOf(message);
  checkHeld(buffers, message);
  for (const buffer of buffers) lendOne(holdOf(buffer));
}

/** Throws `INVALID_ARGUMENT` for a buffer to which nobody here has a reference. */
export function checkHeld(buffers: readonly SharedBuffer[], message: AnyMessage): void {
  for (const buffer of buffers) if (holdOf(buffer).count === 0) throw usedUp(message);
}

/** The same for a message that nobody will ask for: what is gone is gone. */
export function keep(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) if (holdOf(buffer).count > 0) lendOne(holdOf(buffer));
}

function lendOne(hold: Hold): void {
  if (hold.own > 0) {
    hold.own--;
    hold.lent++;
  } else hold.add("lent");
}

function usedUp({ messageId }: AnyMessage) {
  const remedy = "The buffer was sent or released: call retain() before you send it a second time.";
  return new errors.INVALID_ARGUMENT({ argument: "buffer", value: "released" }, { messageId, remedy });
}

/** The buffers of a message that its sender has only by what it has in hand: from now on it has references of its own. */
export function own(message: AnyMessage): SharedBuffer[] {
  const borrowed = buffersOf(message).filter((buffer) => holdOf(buffer).own === 0 && holdOf(buffer).lent > 0);
  for (const buffer of borrowed) holdOf(buffer).add("own");
  return borrowed;
}

/** So many more references of a sender's own: a message goes to several, each of which takes one. */
export function share(message: AnyMessage, count: number): void {
  for (const buffer of buffersOf(message)) for (let i = 0; i < count; i++) holdOf(buffer).add("own");
}

/** References of a sender's own that nobody took. */
export function unshare(message: AnyMessage, count: number): void {
  for (const buffer of buffersOf(message)) {
    for (let i = 0; i < count; i++) buffer.release();
  }
}

/** Ends the handles of buffers that were handed over whole. */
export function letGoOf(buffers: readonly SharedBuffer[]): void {
  for (const buffer of buffers) if (holdOf(buffer).count === 0) letGo(buffer);
}

/** A message has gone to another place, with references of its own: those that its sender gave are not needed here. */
export function moved(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = holdOf(buffer);
    if (hold.own > 0) hold.drop("own");
    if (hold.count === 0) letGo(buffer);
  }
}

/** A message leaves the runtime: its references are its receiver's. */
export function give(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = holdOf(buffer);
    if (hold.lent === 0) continue;
    hold.lent--;
    hold.own++;
  }
}

/** A message is settled, or dropped: what is left of its references goes. */
export function release(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = holdOf(buffer);
    if (hold.lent > 0) hold.drop("lent");
    else if (hold.own > 0) hold.drop("own");
    if (hold.count === 0) letGo(buffer);
  }
}

/** True for a message with a buffer whose latest content is on a device alone. */
export function isOnDevice(message: AnyMessage): boolean {
  return hasDevices && buffersOf(message).some(({ side }) => side === "device" || side === "lost");
}

/** Brings all that is on a device alone to the host side. Rejects as `read` does. */
export async function landed(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
  await Promise.all(buffersOf(message).map((buffer) => (buffer.side === "host" ? undefined : buffer.read(wait))));
}
