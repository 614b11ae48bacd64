import type { AnyMessage } from "../messages/any-message.js";
import { holdOf, letGo, SharedBuffer } from "./shared-buffer.js";

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
    if (value instanceof SharedBuffer) found.push(value);
  }
  return found;
}

/** A message was accepted here: it takes its sender's references, or has some of its own where others have it too. */
export function lend(message: AnyMessage): void {
  for (const buffer of buffersOf(message)) {
    const hold = holdOf(buffer);
    if (hold.own > 0) {
      hold.own--;
      hold.lent++;
    } else hold.add("lent");
  }
}

/** What was handed over whole is not used here any more. */
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
