import type { TelemetryOptions, Throughput } from "@ringline/core";
import type { Inlet } from "@ringline/core/backend";
import {
  type AnyMessage,
  type Clock,
  giveReferences,
  type Histogram,
  hasBuffers,
  LevelQueue,
  lendReferences,
  type MessageId,
  NO_THROUGHPUT,
  type Outcome,
  RateWindow,
  releaseReferences,
  settlements,
  type Transition,
  transitions,
} from "@ringline/core/internal";
import type { MessageCodec } from "../codec/message-codec.js";
import type { Shape } from "../codec/shapes.js";
import { type Frame, redeliveryAfter } from "../ring/frame.js";
import { type ThreadOrigin, threadOriginOf } from "../tables/thread-origin.js";
import { adopt, Entry } from "./entry.js";
import { InFlight } from "./in-flight.js";
import { Latencies } from "./latencies.js";
import { DONE, type PortBlock, type PortCounts, RECEIVED, REQUEUED } from "./port-block.js";
import { SharedAccount } from "./shared-account.js";

const { take, takeAgain, pass, passAgain, putBack, done, dropped, removed, removedAgain, withdrawn, adopted } =
  transitions;

/** Services that an inbox uses of its thread. */
export interface InboxEndpoint {
  readonly index: number;
  readonly codec: MessageCodec;
  readonly intake: { pull(): unknown };
  poll(): void;
  idle(): void;
  noteDelivery(port: number): void;
}

/** Services that an inbox uses of its place. */
export interface InboxHome {
  readonly clock: Clock;
  /** True if dead letters are confirmed by `reported`: until then their frames keep that state in shared memory. */
  readonly reportsLater?: boolean;
  /** Called when there is room for a parked sender. */
  roomAvailable(): void;
  dropped(entry: Entry): void;
  /** Handles a message that arrived after the port was emptied for good. */
  unprocessed(entry: Entry): void;
  /** Handles a message that cannot be read. */
  unreadable(entry: Entry, error: unknown): void;
}

export interface InboxSpec {
  readonly id: number;
  readonly capacity: number;
  readonly isInput: boolean;
  readonly dropsOldest: boolean;
  readonly telemetry: TelemetryOptions | undefined;
}

/** The node of a flow to which an inbox belongs. */
export interface InboxAssignment {
  readonly node: number;
  /** True if the messages are counted in shared memory alone. */
  readonly isCounted: boolean;
}

/** Marks the origin of a message: in flight or not. */
function markInFlight(entry: Entry, isHeld: boolean): ThreadOrigin | undefined {
  const origin = threadOriginOf(entry.message as AnyMessage);
  if (origin !== undefined) origin.isHeld = isHeld;
  return origin;
}

/** A clock with the same zero in all threads. */
const commonClock = (clock: Clock): Clock => ({
  now: () => clock.now() + performance.timeOrigin,
  after: (delay, callback) => clock.after(delay, callback),
});

/** Maximum number of free places before parked senders are notified. */
const MOST_AWAITED = 64;

/** Maximum time in milliseconds between the admission of a sender's last messages and their publication. */
const LAST = 20;

const NO_SHAPES: readonly Shape[] = [];

/** The reading end of a port, in the thread that is its home. */
export class Inbox implements Inlet {
  readonly id: number;
  readonly spec: InboxSpec;
  readonly #endpoint: InboxEndpoint;
  readonly #block: PortBlock;
  readonly #account: SharedAccount;
  readonly #cells: Float64Array;
  readonly #home: InboxHome;
  readonly #queue = new LevelQueue<Entry>();
  readonly #redeliveries: Entry[] = [];
  readonly #inFlight = new InFlight();
  /** Dead letters that are not reported yet. */
  readonly #unreported = new Map<AnyMessage, Entry>();
  readonly #rate: RateWindow | undefined;
  readonly latencies: Latencies;
  readonly #wait: Histogram | undefined;
  /** Number of free places at which parked senders are notified. */
  readonly #notifyAt: number;
  #nextRateSample: number;
  #reader: (() => void) | undefined;
  #onIdle: (() => void)[] = [];
  /** True once the port was emptied for good. */
  #isEmptied = false;

  constructor(
    spec: InboxSpec,
    block: PortBlock,
    endpoint: InboxEndpoint,
    home: InboxHome,
    latencies: Latencies = new Latencies(),
  ) {
    this.id = spec.id;
    this.spec = spec;
    this.#block = block;
    this.#account = new SharedAccount(block);
    this.#cells = block.cells;
    this.#endpoint = endpoint;
    this.#home = home;
    this.#notifyAt = Math.min(MOST_AWAITED, Math.max(1, spec.capacity >> 2));
    this.#rate = spec.telemetry && new RateWindow(spec.telemetry.window, commonClock(home.clock), block.rate);
    this.latencies = latencies;
    this.#wait = spec.telemetry && latencies.wait;
    this.#nextRateSample = this.#rate === undefined ? Number.POSITIVE_INFINITY : this.#cells[DONE]! + 1;
  }

  /** For a stage: its node, whose messages are counted in the flow. */
  assignment: InboxAssignment | undefined;

  /** Receives a message; a call of `wake` follows. */
  arrive(entry: Entry): void {
    const frame = entry.frame as Frame;
    if (frame.isRedelivery) this.#redeliveries.push(entry);
    else this.put(entry, this.#wait === undefined ? 0 : this.#stampOf(frame));
  }

  #stampOf({ segment, payloadStart }: Frame): number {
    return this.#endpoint.codec.stampOf(segment.view, payloadStart);
  }

  /** Queues a message that was accepted. */
  put(entry: Entry, stamp = 0): void {
    if (this.#isEmptied) {
      this.#step(removed, entry);
      this.#home.unprocessed(entry);
      entry.settle();
      return;
    }
    if (this.spec.dropsOldest && this.#queue.size >= this.spec.capacity) this.#drop();
    this.#queue.push(entry, entry.priority, stamp);
  }

  /** Takes over a message that was in flight when its home was lost, and is counted as such. */
  putInFlight(entry: Entry): void {
    this.read(entry);
    this.#inFlight.add(entry);
  }

  /** Takes over a message that waits for redelivery, behind the others that do. */
  putRedelivery(entry: Entry): void {
    this.#redeliveries.push(entry);
  }

  #step(transition: Transition, { frame, log }: Entry, more = 0, order = 0): void {
    this.#account.step(transition, frame, log, more, order);
  }

  #drop(): void {
    const oldest = this.#queue.takeLowest() as Entry;
    this.#step(dropped, oldest);
    this.#home.dropped(oldest);
    if (hasBuffers && oldest.message !== undefined) releaseReferences(oldest.message);
    oldest.settle();
  }

  tryTake(): AnyMessage | undefined {
    this.#endpoint.poll();
    if (this.spec.isInput && !this.#block.isOpen) return undefined;
    for (;;) {
      const isAgain = this.#redeliveries.length > 0;
      const entry = isAgain ? this.#redeliveries.shift() : this.#queue.takeHighest();
      if (entry === undefined) {
        if (this.#block.isHostOnly && this.#awaitLast()) continue;
        return undefined;
      }
      const stamp = isAgain ? 0 : this.#queue.takenStamp;
      try {
        const message = this.read(entry);
        this.#take(entry, isAgain);
        if (stamp !== 0) this.#wait?.record(this.#home.clock.now() - stamp);
        return message;
      } catch (error) {
        this.#deadLetterUnreadable(entry, isAgain, error);
      }
    }
  }

  /**
   * Waits for messages that senders have just been admitted with; nothing more is sent directly. False when there are
   * none.
   */
  #awaitLast(): boolean {
    const until = this.#home.clock.now() + LAST;
    while (this.#queue.size === 0) {
      if (this.#block.depth === 0 || this.#home.clock.now() > until) return false;
      this.#endpoint.intake.pull();
    }
    return true;
  }

  #take(entry: Entry, isAgain: boolean): void {
    const { frame, log } = entry;
    if (this.spec.isInput) {
      this.#endpoint.noteDelivery(this.id);
      this.#inFlight.add(entry);
      if (this.assignment !== undefined) markInFlight(entry, true);
      const more = entry.attempts === 0 ? 0 : redeliveryAfter(entry.attempts);
      this.#account.step(isAgain ? takeAgain : take, frame, log, more, this.#cells[RECEIVED]!);
    } else {
      this.#account.step(isAgain ? passAgain : pass, frame, log);
      if (hasBuffers) giveReferences(entry.message as AnyMessage);
      entry.settle();
      this.#checkIdle();
    }
    if (!isAgain && this.#block.isParked) this.#notifyRoom();
  }

  /** Notifies parked senders of several free places at a time, not of each. The host also polls. */
  #notifyRoom(): void {
    if (this.spec.capacity - this.#block.depth >= this.#notifyAt) this.#home.roomAvailable();
  }

  /** Dead-letters a message that cannot be read. */
  #deadLetterUnreadable(entry: Entry, isAgain: boolean, error: unknown): void {
    this.#step(isAgain ? removedAgain : removed, entry);
    if (!isAgain && this.#block.isParked) this.#home.roomAvailable();
    this.#home.unreadable(entry, error);
    entry.settle();
    this.#checkIdle();
  }

  /** Decodes the message of an entry, once. Throws `CorruptFrame`. */
  read(entry: Entry): AnyMessage {
    const { frame } = entry;
    if (entry.message === undefined && frame !== undefined) {
      const { segment } = frame;
      const { codec } = this.#endpoint;
      entry.message = codec.decode(segment.bytes, segment.view, frame.payloadStart, frame.payloadEnd, entry.shapes);
      if (codec.receivedBuffers.length > 0) adopt(entry, codec.receivedBuffers);
    }
    return entry.message as AnyMessage;
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    this.#endpoint.poll();
    this.wake();
    if (this.#reader !== undefined) this.#endpoint.idle();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    if (!this.spec.isInput) return this.#putBack(message, outcome);
    const entry = this.#inFlight.take(message);
    if (entry === undefined) return false;
    if (outcome === "done") this.#done(entry);
    else this.#undone(entry, outcome, attempts);
    this.#checkIdle();
    return true;
  }

  #done(entry: Entry): void {
    if (this.assignment === undefined || !this.#leave(entry, this.assignment))
      this.#account.step(done, entry.frame, entry.log);
    if (this.#cells[DONE]! === this.#nextRateSample) this.#sampleRate();
    if (hasBuffers) releaseReferences(entry.message as AnyMessage);
    entry.settle();
  }

  /** Settles a message as done and counts that it left the node. Returns false if the host counts it. */
  #leave(entry: Entry, { node, isCounted }: InboxAssignment): boolean {
    const origin = markInFlight(entry, false);
    if (!isCounted || origin?.counts === undefined) return false;
    origin.hasLeftNode(node, this.#account.stepAndLeave(done, entry.frame, entry.log, origin.leaving(node)));
    return true;
  }

  #undone(entry: Entry, outcome: Exclude<Outcome, "done">, attempts: number): void {
    if (this.assignment !== undefined) markInFlight(entry, false); // later outputs may come too late to be counted
    const transition = transitions[settlements[outcome]];
    if (outcome === "requeued") {
      this.#requeue(transition, entry, attempts);
      return;
    }
    this.#step(transition, entry);
    if (this.#home.reportsLater === true) this.#unreported.set(entry.message as AnyMessage, entry);
    else entry.settle();
  }

  /** Settles a dead letter once it is reported. `tell` sends the report, with the ticket. */
  reported(message: AnyMessage, tell: (ticket: number) => void): void {
    const entry = this.#unreported.get(message);
    tell(entry?.ticket ?? -1);
    this.#unreported.delete(message);
    entry?.settle();
  }

  #requeue(transition: Transition, entry: Entry, attempts: number): void {
    entry.attempts = attempts;
    this.#step(transition, entry, redeliveryAfter(attempts), this.#cells[REQUEUED]! + 1);
    this.#redeliveries.unshift(entry);
    this.wake();
  }

  /**
   * Puts back a message that was taken from an output and could not be forwarded; any other taken message is already
   * done.
   */
  #putBack(message: AnyMessage, outcome: Outcome): boolean {
    if (outcome !== "requeued") return false;
    if (hasBuffers) lendReferences(message);
    this.#requeue(putBack, new Entry(-1, message.priority, undefined, this.#endpoint.index, NO_SHAPES, message), 0);
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inFlight.get(message)?.attempts ?? 0;
  }

  /** The entry in flight with this message id. */
  inFlightWithId(id: MessageId): Entry | undefined {
    return this.#inFlight.withId(id);
  }

  /** Messages in flight, in the order of delivery. */
  inFlight(): readonly (readonly [AnyMessage, Entry])[] {
    return this.#inFlight.all.map((entry) => [entry.message as AnyMessage, entry]);
  }

  currentMessage(ticket: number): AnyMessage | undefined {
    return this.#inFlight.all.find((entry) => entry.ticket === ticket)?.message;
  }

  /**
   * Removes all queued messages, in order, and counts them as dead-lettered; `forGood`: later ones, too. The caller
   * settles each.
   */
  empty(forGood: boolean): Entry[] {
    const again = this.#redeliveries.splice(0);
    for (const entry of again) this.#step(removedAgain, entry);
    const queued: Entry[] = [];
    for (let entry = this.#queue.takeHighest(); entry !== undefined; entry = this.#queue.takeHighest()) {
      this.#step(removed, entry);
      queued.push(entry);
    }
    this.#isEmptied = forGood;
    this.#checkIdle();
    return [...again, ...queued];
  }

  /** Gives back room taken by lost senders that never published. Requires that no sender is being admitted. */
  withdraw(): void {
    this.#endpoint.intake.pull();
    const lost = this.#block.depth - this.#queue.size;
    if (lost > 0) this.#account.step(withdrawn, undefined, 0, 0, 0, lost);
    this.#checkIdle();
  }

  /** Removes all queued messages, in order, to move them to another home: nothing is counted. */
  moveOut(): { readonly again: Entry[]; readonly queued: Entry[] } {
    const again = this.#redeliveries.splice(0);
    const queued: Entry[] = [];
    for (let entry = this.#queue.takeHighest(); entry !== undefined; entry = this.#queue.takeHighest())
      queued.push(entry);
    return { again, queued };
  }

  /** Makes the latest queued message, taken over from another port, wait for redelivery, behind the others that do. */
  adopt(attempts: number): void {
    const entry = this.#queue.takeHighest() as Entry;
    entry.attempts = attempts;
    this.#step(adopted, entry, redeliveryAfter(attempts));
    this.#redeliveries.push(entry);
  }

  /** True if a message was admitted and has not arrived yet. */
  get isAwaited(): boolean {
    this.#endpoint.intake.pull();
    return this.#block.depth > this.#queue.size;
  }

  /** All entries, queued or in flight. */
  *entries(): Generator<Entry> {
    for (const entries of [this.#redeliveries, this.#inFlight.all, this.#queue]) yield* entries;
  }

  get isIdle(): boolean {
    return this.#inFlight.size === 0 && this.#redeliveries.length === 0 && this.#block.depth === 0;
  }

  /** Calls back once nothing is queued or in flight. Returns a function that ends the watch. */
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
    return this.#rate?.throughput(this.#cells[DONE]!) ?? NO_THROUGHPUT;
  }
  #sampleRate(): void {
    if (this.#rate !== undefined) this.#nextRateSample = this.#rate.record(this.#cells[DONE]!);
  }

  /** Calls the waiting reader if a message can be delivered: on arrival, or when the gate opens. */
  wake(): void {
    if (this.#reader === undefined || this.#queue.size + this.#redeliveries.length === 0) return;
    if (this.spec.isInput && !this.#block.isOpen) return;
    const reader = this.#reader;
    this.#reader = undefined;
    reader();
  }
}
