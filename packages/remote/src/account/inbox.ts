import type { Latency, TelemetryOptions, Throughput } from "@ringline/core";
import {
  type AnyMessage,
  type Clock,
  give,
  Histogram,
  hasBuffers,
  type Inlet,
  LevelQueue,
  lend,
  NO_LATENCY,
  NO_THROUGHPUT,
  type Outcome,
  RateWindow,
  release,
} from "@ringline/core/backend";
import type { MessageCodec } from "../codec/message-codec.js";
import type { Shape } from "../codec/shapes.js";
import { type Frame, IN_HAND, QUEUED, SETTLED } from "../ring/frame.js";
import { STATE } from "../ring/segment.js";
import { type ThreadOrigin, threadOriginOf } from "../tables/thread-origin.js";
import { adopt, Entry } from "./entry.js";
import { InFlight } from "./in-flight.js";
import {
  DEAD_LETTERED,
  DEPTH,
  DONE,
  IN_HAND_NOW,
  PARKED,
  type PortBlock,
  type PortCounts,
  RECEIVED,
} from "./port-block.js";

/** What an inbox needs of its thread. */
export interface InboxEndpoint {
  readonly index: number;
  readonly codec: MessageCodec;
  readonly intake: { pull(): unknown };
  look(): void;
  idle(): void;
  noteDelivery(port: number): void;
  shapesOf(index: number): readonly Shape[];
}

/** What an inbox needs of the place in which it is. */
export interface InboxHome {
  readonly clock: Clock;
  /** Somebody waits for the place that a message has left. */
  room(): void;
  dropped(entry: Entry): void;
  /** A message that came after the port was emptied for good. */
  leftover(entry: Entry): void;
  /** What was sent cannot be read. */
  unreadable(entry: Entry, error: unknown): void;
}

export interface InboxSpec {
  readonly id: number;
  readonly capacity: number;
  readonly isInput: boolean;
  readonly drops: boolean;
  readonly telemetry: TelemetryOptions | undefined;
}

/** The node of a flow to which an inbox belongs. */
export interface InboxSeat {
  readonly node: number;
  /** What is there is counted in shared memory alone. */
  readonly isCounted: boolean;
}

const nowhere = new Int32Array(1);

/** Notes whether the message of an entry is in hand. */
function hold(entry: Entry, isHeld: boolean): ThreadOrigin | undefined {
  const origin = threadOriginOf(entry.message as AnyMessage);
  if (origin !== undefined) origin.isHeld = isHeld;
  return origin;
}

/** Places that come free before whoever waits for room is told, at most. */
const MOST_AWAITED = 64;

/** Milliseconds that the last messages of a sender take at most to be published once they are accepted. */
const LAST = 20;

/** Flags of a message's frame above its priority: it was delivered before and goes first. Above that: how often. */
export const AGAIN = 0x100;
export const ATTEMPTS = 9;

/** The end of a port that messages leave, in the thread that is its home. */
export class Inbox implements Inlet {
  readonly id: number;
  readonly spec: InboxSpec;
  readonly #endpoint: InboxEndpoint;
  readonly #block: PortBlock;
  readonly #words: Int32Array;
  readonly #counts: Float64Array;
  readonly #home: InboxHome;
  readonly #queue = new LevelQueue<Entry>();
  readonly #again: Entry[] = [];
  readonly #hand = new InFlight();
  readonly #rate: RateWindow | undefined;
  readonly #wait: Histogram | undefined;
  /** Places that must be free before whoever waits for room is told. */
  readonly #worthTelling: number;
  #nextLook: number;
  #reader: (() => void) | undefined;
  #onIdle: (() => void)[] = [];
  /** Nothing that comes is delivered any more. */
  #isEmptied = false;

  constructor(spec: InboxSpec, block: PortBlock, endpoint: InboxEndpoint, home: InboxHome) {
    this.id = spec.id;
    this.spec = spec;
    this.#block = block;
    this.#words = block.words;
    this.#counts = block.counts;
    this.#endpoint = endpoint;
    this.#home = home;
    this.#worthTelling = Math.min(MOST_AWAITED, Math.max(1, spec.capacity >> 2));
    this.#rate = spec.telemetry && new RateWindow(spec.telemetry.window, home.clock);
    this.#wait = spec.telemetry && new Histogram();
    this.#nextLook = this.#rate === undefined ? Number.POSITIVE_INFINITY : block.done + 1;
  }

  /** Of a stage: what becomes of its messages is counted in the flow. */
  seat: InboxSeat | undefined;

  /** Takes in a message; `wake` follows. */
  arrive(entry: Entry): void {
    const { segment, flags, payloadStart } = entry.frame as Frame;
    if ((flags & AGAIN) !== 0) {
      entry.attempts = flags >>> ATTEMPTS;
      this.#again.push(entry);
      return;
    }
    this.put(entry, this.#wait === undefined ? 0 : this.#endpoint.codec.stampOf(segment.view, payloadStart));
  }

  /** Queues a message that was accepted. */
  put(entry: Entry, stamp = 0): void {
    if (this.#isEmptied) {
      this.#block.release();
      this.#counts[DEAD_LETTERED]!++;
      this.#home.leftover(entry);
      entry.settle();
      return;
    }
    if (this.spec.drops && this.#queue.size >= this.spec.capacity) this.#drop();
    this.#queue.push(entry, entry.priority, stamp);
  }

  /** Takes over a message that was in hand when its home was lost. */
  putInHand(entry: Entry): void {
    this.read(entry);
    this.#hand.add(entry);
    this.#block.inHand = this.#hand.size;
  }

  putAgain(entry: Entry): void {
    this.#again.push(entry);
  }

  #drop(): void {
    const oldest = this.#queue.takeLowest() as Entry;
    this.#block.dropped++;
    this.#block.release();
    this.#home.dropped(oldest);
    if (hasBuffers && oldest.message !== undefined) release(oldest.message);
    oldest.settle();
  }

  tryTake(): AnyMessage | undefined {
    this.#endpoint.look();
    if (this.spec.isInput && !this.#block.isOpen) return undefined;
    for (;;) {
      const isAgain = this.#again.length > 0;
      const entry = isAgain ? this.#again.shift() : this.#queue.takeHighest();
      if (entry === undefined) {
        if (this.#block.isHeld && this.#awaitLast()) continue;
        return undefined;
      }
      const stamp = isAgain ? 0 : this.#queue.takenStamp;
      try {
        const message = this.read(entry);
        this.#take(entry, isAgain);
        if (stamp !== 0) this.#wait?.record(this.#home.clock.now() - stamp);
        return message;
      } catch (error) {
        this.#lose(entry, isAgain, error);
      }
    }
  }

  /** Nothing more is sent here past the host: waits for what its sender has just accepted. False when there is none. */
  #awaitLast(): boolean {
    const until = this.#home.clock.now() + LAST;
    while (this.#queue.size === 0) {
      if (this.#block.depth === 0 || this.#home.clock.now() > until) return false;
      this.#endpoint.intake.pull();
    }
    return true;
  }

  #take(entry: Entry, isAgain: boolean): void {
    const { frame } = entry;
    let depth = 0;
    if (this.spec.isInput) {
      this.#endpoint.noteDelivery(this.id);
      this.#hand.add(entry);
      if (this.seat !== undefined) hold(entry, true);
      // no call in between: wherever the thread is lost, the message is counted once
      if (frame !== undefined) frame.segment.words[frame.at + STATE] = IN_HAND;
      if (!isAgain) depth = Atomics.sub(this.#words, DEPTH, 1);
      this.#counts[RECEIVED]!++;
      this.#counts[IN_HAND_NOW]!++;
    } else {
      if (!isAgain) depth = Atomics.sub(this.#words, DEPTH, 1);
      this.#counts[RECEIVED]!++;
      this.#counts[DONE]!++;
      if (hasBuffers) give(entry.message as AnyMessage);
      entry.settle();
      this.#checkIdle();
    }
    if ((depth & PARKED) !== 0) this.#tellRoom();
  }

  /** Not of every place: whoever waits is woken for several at a time. The host looks by itself before long. */
  #tellRoom(): void {
    if (this.spec.capacity - this.#block.depth >= this.#worthTelling) this.#home.room();
  }

  /** A message that cannot be read is a dead letter. */
  #lose(entry: Entry, isAgain: boolean, error: unknown): void {
    if (!isAgain && this.#block.release()) this.#home.room();
    this.#block.deadLettered++;
    this.#home.unreadable(entry, error);
    entry.settle();
    this.#checkIdle();
  }

  /** The message of an entry. Throws `CorruptFrame`. */
  read(entry: Entry): AnyMessage {
    const { frame } = entry;
    if (entry.message === undefined && frame !== undefined) {
      const { segment } = frame;
      const { codec } = this.#endpoint;
      entry.message = codec.decode(
        segment.bytes,
        segment.view,
        frame.payloadStart,
        frame.payloadEnd,
        this.#endpoint.shapesOf(entry.by),
      );
      if (codec.came.length > 0) adopt(entry, codec.came);
    }
    return entry.message as AnyMessage;
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    this.#endpoint.look();
    this.wake();
    if (this.#reader !== undefined) this.#endpoint.idle();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    if (!this.spec.isInput) return this.#putBack(message, outcome);
    const entry = this.#hand.take(message);
    if (entry === undefined) return false;
    this.#counts[IN_HAND_NOW]!--;
    if (outcome === "done") this.#done(entry);
    else this.#undone(entry, outcome, attempts);
    this.#checkIdle();
    return true;
  }

  #done(entry: Entry): void {
    if (this.seat === undefined || !this.#leave(entry, this.seat)) {
      const { frame } = entry;
      // no call in between: wherever the thread is lost, it is done or in hand
      this.#counts[DONE]!++;
      if (frame !== undefined) frame.segment.words[frame.at + STATE] = SETTLED;
    }
    if (this.#counts[DONE]! === this.#nextLook) this.#look();
    if (hasBuffers) release(entry.message as AnyMessage);
    entry.settle();
  }

  /** The same for a message that leaves its node with that. False where the host counts it. */
  #leave(entry: Entry, { node, isCounted }: InboxSeat): boolean {
    const origin = hold(entry, false);
    if (!isCounted || origin?.counts === undefined) return false;
    const { frame } = entry;
    if (frame === undefined) origin.done(this.#counts, nowhere, 0, node);
    else origin.done(this.#counts, frame.segment.words, frame.at + STATE, node);
    return true;
  }

  #undone(entry: Entry, outcome: Exclude<Outcome, "done">, attempts: number): void {
    if (this.seat !== undefined) hold(entry, false); // what it causes from now on may come too late to count
    if (outcome === "requeued") {
      this.#requeue(entry, attempts);
      return;
    }
    this.#block.deadLettered++;
    if (outcome === "expired") this.#block.received--;
    entry.settle();
  }

  #requeue(entry: Entry, attempts: number): void {
    entry.attempts = attempts;
    this.#block.requeued++;
    if (entry.frame !== undefined) entry.frame.state = QUEUED;
    this.#again.unshift(entry);
    this.wake();
  }

  /** What was taken from an output is done, unless whoever took it could not bring it on. */
  #putBack(message: AnyMessage, outcome: Outcome): boolean {
    if (outcome !== "requeued") return false;
    this.#block.done--;
    if (hasBuffers) lend(message);
    this.#requeue(new Entry(-1, message.priority, undefined, this.#endpoint.index, message), 0);
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#hand.get(message)?.attempts ?? 0;
  }

  /** Those in hand, in the order of delivery. */
  inHand(): readonly (readonly [AnyMessage, Entry])[] {
    return this.#hand.all.map((entry) => [entry.message as AnyMessage, entry]);
  }

  messageInHand(ticket: number): AnyMessage | undefined {
    return this.#hand.all.find((entry) => entry.ticket === ticket)?.message;
  }

  /** Takes out what is queued, in order, and counts it as dead-lettered; so is all that comes from now on. */
  empty(forGood: boolean): Entry[] {
    const removed = this.#takeAll();
    this.#isEmptied = forGood;
    this.#block.deadLettered += removed.length;
    this.#checkIdle();
    return removed;
  }

  #takeAll(): Entry[] {
    const taken = this.#again.splice(0);
    for (let entry = this.#queue.takeHighest(); entry !== undefined; entry = this.#queue.takeHighest()) {
      this.#block.release();
      taken.push(entry);
    }
    return taken;
  }

  /** What is queued, in order, taken out to be put elsewhere: nothing is counted. */
  moveOut(): { readonly again: Entry[]; readonly queued: Entry[] } {
    const again = this.#again.splice(0);
    const queued: Entry[] = [];
    for (let entry = this.#queue.takeHighest(); entry !== undefined; entry = this.#queue.takeHighest())
      queued.push(entry);
    return { again, queued };
  }

  get isIdle(): boolean {
    const { done, dropped, deadLettered, tickets } = this.#block;
    return this.#hand.size === 0 && ((tickets - done - dropped - deadLettered) | 0) === 0;
  }

  /** Calls back once nothing is queued or in hand. Returns what ends the watch. */
  whenIdle(callback: () => void): () => void {
    this.#onIdle.push(callback);
    this.#checkIdle();
    return () => {
      this.#onIdle = this.#onIdle.filter((one) => one !== callback);
    };
  }

  #checkIdle(): void {
    if (this.#onIdle.length > 0 && this.isIdle) for (const callback of this.#onIdle.splice(0)) callback();
  }

  counted(): PortCounts {
    return this.#block.counted();
  }

  throughput(): Throughput {
    return this.#rate?.throughput(this.#block.done) ?? NO_THROUGHPUT;
  }
  waits(): Latency {
    return this.#wait?.latency() ?? NO_LATENCY;
  }

  #look(): void {
    if (this.#rate !== undefined) this.#nextLook = this.#rate.record(this.#block.done);
  }

  /** Something came, or the gate was opened: calls back whoever reads. */
  wake(): void {
    if (this.#reader === undefined || this.#queue.size + this.#again.length === 0) return;
    if (this.spec.isInput && !this.#block.isOpen) return;
    const reader = this.#reader;
    this.#reader = undefined;
    reader();
  }
}
