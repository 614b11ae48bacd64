import type { Line } from "./subject.js";

/**
 * The driver of all throughput figures, the same code for every subject: one async loop that keeps `outstanding`
 * messages in the line and awaits each send and each receive once. Messages are numbered from `first` on; each reply
 * is checked, so that a subject that loses, doubles or reorders is found out and not rewarded. Ends early after `longest`
 * milliseconds, and resolves with how many messages went through.
 */
export async function exchange(
  line: Line,
  first: number,
  messages: number,
  outstanding: number,
  longest = Number.POSITIVE_INFINITY,
): Promise<number> {
  const latest = performance.now() + longest;
  let end = first + messages;
  let next = first;
  for (; next < Math.min(first + outstanding, end); next++) await line.send(next);
  for (let expected = first; expected < end; expected++) {
    const reply = await line.receive();
    if (reply.n !== expected) throw new Error(`got message ${reply.n} where ${expected} was due`);
    if (next < end) await line.send(next++);
    if ((expected & 1023) === 0 && performance.now() > latest) end = next;
  }
  return end - first;
}
