import { setTimeout as sleep } from "node:timers/promises";
import { collectedHeap } from "../process/collect-garbage.js";
import { Interrupted, within } from "../process/within.js";
import { Pace } from "./pace.js";

/** Whether the producer waits for each send, or fires and counts the outcomes. */
export const OVERLOAD_MODES = ["awaited", "unawaited"] as const;
export type OverloadMode = (typeof OVERLOAD_MODES)[number];

/** A line whose last stage is slow. */
export interface SlowLine {
  /** Resolves when the message is accepted, rejects when it is refused. */
  send(n: number): Promise<void>;
  /** The accounts of every queue on the way. */
  ledgers(): Promise<Readonly<Record<string, Account>>>;
  close(): Promise<void>;
}

/** The part of a ledger that must agree with what the producer and the last stage counted. */
export interface Account {
  readonly accepted: number;
  readonly done: number;
}

/** Messages that the last stage received. */
export interface Seen {
  messages: number;
  /** The number of the last message. */
  last: number;
  /** False as soon as a message came twice or before an earlier one. */
  inOrder: boolean;
}

/** Opens a line whose last stage takes `perSecond` messages until `hurry` aborts, from then on as many as it can. */
export type OpenSlowLine = (perSecond: number, seen: Seen, hurry: AbortSignal) => Promise<SlowLine>;

export interface OverloadOptions {
  /** Seconds into the overload at which the heap is looked at. */
  readonly marks: readonly [first: number, second: number];
  /** Messages a second that the last stage takes; the producer is ten times as fast. */
  readonly perSecond: number;
  /** Milliseconds that the backlog may take at the end. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (second: number) => void;
}

/** The producer's sends; what is neither accepted nor refused waits. */
interface Counts {
  sent: number;
  accepted: number;
  refused: number;
}

/** `heap`: collected, in bytes. `waiting`: sends not yet settled. */
export interface OverloadMark {
  readonly second: number;
  readonly heap: number;
  readonly waiting: number;
}

export interface OverloadReport extends Readonly<Counts> {
  readonly mode: OverloadMode;
  readonly first: OverloadMark;
  readonly second: OverloadMark;
  /** Bytes from the first mark to the second; may be below 0. */
  readonly difference: number;
  readonly processed: number;
  readonly ledgers: Readonly<Record<string, Account>>;
  /** Every accepted message was processed once, in order, and all ledgers say so. */
  readonly nothingLost: boolean;
}

/** Feeds a line ten times faster than its last stage works until the second mark, then lets it drain and counts. */
export async function measureOverload(
  open: OpenSlowLine,
  mode: OverloadMode,
  options: OverloadOptions,
): Promise<OverloadReport> {
  const seen: Seen = { messages: 0, last: -1, inOrder: true };
  const counts: Counts = { sent: 0, accepted: 0, refused: 0 };
  const enough = new AbortController();
  const hurry = new AbortController();
  const line = await open(options.perSecond, seen, hurry.signal);
  try {
    const started = performance.now();
    const mark = async (second: number): Promise<OverloadMark> => {
      while (performance.now() - started < second * 1000) {
        await sleep(100);
        if (options.signal.aborted) throw new Interrupted();
        options.onProgress?.(Math.floor((performance.now() - started) / 1000));
      }
      return { second, heap: await collectedHeap(), waiting: counts.sent - counts.accepted - counts.refused };
    };
    const producing = produce(line, mode, options.perSecond * 10, counts, enough.signal);
    const first = await mark(options.marks[0]);
    const second = await mark(options.marks[1]);

    enough.abort();
    hurry.abort();
    if (await drained(counts, seen, options)) await producing;
    const ledgers = await line.ledgers();
    const balanced = Object.values(ledgers).every(
      ({ accepted, done }) => accepted === counts.accepted && done === counts.accepted,
    );
    return {
      mode,
      first,
      second,
      difference: second.heap - first.heap,
      ...counts,
      processed: seen.messages,
      ledgers,
      nothingLost: balanced && seen.inOrder && seen.messages === counts.accepted,
    };
  } finally {
    enough.abort();
    hurry.abort();
    await within(() => line.close(), { limit: options.limit });
  }
}

async function produce(
  line: SlowLine,
  mode: OverloadMode,
  perSecond: number,
  counts: Counts,
  enough: AbortSignal,
): Promise<void> {
  const pace = new Pace(perSecond);
  const accepted = () => void counts.accepted++;
  const refused = () => void counts.refused++;
  while (!enough.aborted) {
    const due = await pace.next(enough).catch(() => 0);
    for (let index = 0; index < due && !enough.aborted; index++) {
      const sending = line.send(counts.sent++).then(accepted, refused);
      if (mode === "awaited") await sending;
    }
  }
}

/** False when the limit was over before every send was settled and every accepted message seen. */
async function drained(counts: Counts, seen: Seen, { limit, signal }: OverloadOptions): Promise<boolean> {
  const latest = performance.now() + limit;
  const busy = () => counts.accepted + counts.refused < counts.sent || seen.messages < counts.accepted;
  while (busy() && performance.now() < latest) {
    if (signal.aborted) throw new Interrupted();
    await sleep(20);
  }
  // The last message counts as done when its kernel asks for the next.
  await sleep(20);
  return !busy();
}
