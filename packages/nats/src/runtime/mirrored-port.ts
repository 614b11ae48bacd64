import { type AnyRinglineError, errors, type WaitOptions } from "@ringline/core";
import type { Inlet, Outlet, Port, PortSpec } from "@ringline/core/backend";
import {
  Account,
  type AnyMessage,
  buffersOf,
  type Clock,
  checkReferences,
  checkWait,
  copyMessage,
  envelopeOf,
  hasBuffers,
  MAX_WAITERS,
  type Outcome,
  type PortStats,
  referencesMoved,
  releaseReferences,
  settlements,
  type Unsettled,
  WaitList,
} from "@ringline/core/internal";
import { checkedBuffer, copied, withOwnBuffers } from "@ringline/remote";
import { Entries, Entry } from "./entries.js";
import { ParkedSenders } from "./parked-senders.js";

/** The host's end of the port, where the kernel takes its messages. */
export interface Mirror {
  /**
   * Queues a message. If `drop-oldest` finds no room, the mirror drops the oldest of the lowest priority and reports
   * it.
   */
  put(entry: Entry): void;
  /** Parks a message that waits for room; the mirror admits it in the same order as the port. */
  park(key: number, message: AnyMessage): void;
  /** Resolves when nobody waits there any more; by then that was told, in its place among what was taken. */
  unpark(): Promise<void>;
  /** Resolves when nothing is taken any more, or when the mirror is gone. */
  gate(open: boolean): Promise<void>;
  /** Resolves with what was taken meanwhile heard. `heard`: called at that very moment. */
  synchronise(heard: () => void): Promise<void>;
  /** Resolves when the mirror is empty. */
  clear(): Promise<void>;
}

/**
 * The input of a kernel that runs at a host. The messages are kept here until they are settled, so that they outlive
 * the host; the host has a mirror of them, takes from it, and says what it took.
 */
export class MirroredPort implements Port, Outlet {
  readonly outlet: Outlet = this;
  readonly inlet: Inlet;
  readonly #spec: PortSpec;
  readonly #entries = new Entries();
  readonly #byMessage = new Map<AnyMessage, Entry>();
  readonly #parked: ParkedSenders;
  readonly #idle: WaitList<undefined, void>;
  readonly #account: Account;
  #mirror: Mirror | undefined;
  #isOpen = false;
  /** The host is asked to give back those who wait there. */
  #isTakingBack = false;
  #sealed: (() => AnyRinglineError) | undefined;
  #nextKey = 1;
  /** The copy for which there was no room, to be pushed next. */
  #refused: { readonly sent: AnyMessage; readonly message: AnyMessage } | undefined;
  #nextRedelivery = 1;
  #queued = 0;

  constructor(spec: PortSpec, clock: Clock) {
    this.#spec = spec;
    this.#parked = new ParkedSenders(clock, spec.kernelId, (parked) => {
      parked.key ??= this.#nextKey++;
      this.#mirror?.park(parked.key, parked.message);
    });
    this.#idle = new WaitList(clock, spec.kernelId);
    this.#account = new Account(spec.telemetry, clock);
    this.inlet = {
      tryTake: () => undefined, // its one reader is at the host
      whenReadable() {},
      settle: (message, outcome, attempts) => this.#settleMessage(message, outcome, attempts),
      attemptsOf: (message) => this.#byMessage.get(message)?.attempts ?? 0,
    };
  }

  // --- senders ---

  /** Messages, at least 1. */
  get capacity(): number {
    return this.#spec.capacity;
  }

  /** The oldest goes where there is no room. */
  get drops(): boolean {
    return this.#spec.backpressure === "drop-oldest";
  }

  /** Others may send here, too: then what one has no room for waits, though its sender does not. */
  get credits(): number {
    const isFree = this.#spec.backpressure === "block" && this.#parked.size === 0 && this.#sealed === undefined;
    return isFree ? Math.max(0, this.capacity - this.#queued) : 0;
  }

  tryPush(sent: AnyMessage): boolean {
    const message = copyToKeep(sent);
    const isAccepted = this.#offer(sent, message);
    this.#refused = isAccepted ? undefined : { sent, message };
    return isAccepted;
  }

  async push(sent: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (wait !== undefined) checkWait(wait, "send", this.#spec.kernelId);
    const message = this.#refused?.sent === sent ? this.#refused.message : copyToKeep(sent);
    this.#refused = undefined;
    if (this.#offer(sent, message)) return;
    if (this.#parked.size >= MAX_WAITERS) throw this.#refuse();
    if (wait?.timeout === 0) throw new errors.TIMEOUT({ operation: "send", timeout: 0 }, this.#spec);
    const accepted = this.#parked.wait(sent, message, wait);
    this.#sendAhead();
    await accepted;
  }

  #offer(sent: AnyMessage, message: AnyMessage): boolean {
    if (this.#sealed !== undefined) throw this.#sealed();
    const isFull = this.#queued >= this.#spec.capacity || this.#parked.size > 0;
    const { backpressure } = this.#spec;
    if (isFull && backpressure === "block") return false;
    if (isFull && backpressure === "reject") throw this.#refuse();
    if (isFull && this.#mirror === undefined) this.#drop(this.#lowest());
    this.#accept(sent, message);
    return true;
  }

  #refuse(): AnyRinglineError {
    this.#account.rejected++;
    return new errors.QUEUE_FULL({ queueSize: this.#spec.capacity }, { kernelId: this.#spec.kernelId });
  }

  /** `key`: the host has it already, by that. */
  #accept(sent: AnyMessage, copy: AnyMessage, key?: number): void {
    const message = hasBuffers && buffersOf(sent).length > 0 ? withOwnBuffers(copy) : copy;
    if (hasBuffers) referencesMoved(sent);
    const entry = new Entry(key ?? this.#nextKey++, message, this.#account.accept());
    this.#entries.add(entry);
    this.#queued++;
    // what the host has taken meanwhile is not known here: it knows whether there is room
    if (key === undefined) this.#mirror?.put(entry);
  }

  #admit(): void {
    while (this.#parked.size > 0 && this.#queued < this.capacity) {
      const sender = this.#parked.shift();
      if (sender === undefined) return;
      const { sent, message, key, isAhead } = sender.item;
      try {
        if (hasBuffers) checkReferences(buffersOf(sent), sent);
        this.#accept(sent, message, isAhead ? key : undefined);
        sender.resolve();
      } catch (error) {
        sender.reject(error as AnyRinglineError);
      }
    }
    this.#sendAhead();
  }

  #sendAhead(): void {
    if (this.#mirror !== undefined && !this.#isTakingBack) this.#parked.sendAhead();
  }

  #lowest(): Entry | undefined {
    let lowest: Entry | undefined;
    for (const entry of this.#entries.all()) {
      if (entry.isInFlight || entry.redelivery > 0) continue;
      if (lowest === undefined || entry.message.priority < lowest.message.priority) lowest = entry;
    }
    return lowest;
  }

  #drop(entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#entries.delete(entry.key);
    this.#queued--;
    this.#account.dropped++;
    this.#spec.dropped(entry.message);
    if (hasBuffers) releaseReferences(entry.message);
    this.#checkIdle();
  }

  // --- the host ---

  /** A kernel begins at a host: it gets all that is queued. */
  async attach(mirror: Mirror): Promise<void> {
    this.#mirror = mirror;
    for (const entry of this.#queue().again.reverse()) mirror.put(entry);
    for (const entry of this.#entries.all()) {
      if (!entry.isInFlight && entry.redelivery === 0) mirror.put(entry);
    }
    this.#sendAhead();
    await mirror.gate(this.#isOpen);
  }

  /** The kernel has ended there, or its host is lost. */
  detach(mirror: Mirror): void {
    if (this.#mirror === mirror) {
      this.#mirror = undefined;
      this.#parked.takeBack();
    }
    while (this.#queued > this.#spec.capacity && this.#spec.backpressure === "drop-oldest") this.#drop(this.#lowest());
  }

  took(key: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.isInFlight) return;
    this.#take(entry);
    this.#admit();
  }

  #take(entry: Entry): void {
    entry.isInFlight = true;
    if (entry.redelivery > 0) {
      this.#account.takeAgain++;
      entry.redelivery = 0;
    } else {
      this.#queued--;
      this.#account.take++;
      this.#account.waited(entry.since);
    }
  }

  /** Settles a range of messages that the host took and finished one after the other. */
  did(from: number, to: number, forget: ((id: string) => void) | undefined): void {
    const last = Math.min(to, this.#nextKey - 1);
    for (let key = Math.max(1, from); key <= last; key++) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      if (forget !== undefined) forget(entry.message.messageId);
      if (!entry.isInFlight) this.#take(entry);
      if (this.#parked.size > 0) this.#admit(); // whom the host let in may be among those that follow
      this.#settle(entry, "done", 0);
    }
  }

  /** The host has none of those who wait any more. */
  unparked(): void {
    this.#parked.takeBack();
  }

  droppedAt(key: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && !entry.isInFlight) this.#drop(entry);
  }

  /** The host cannot read it: it never reached the kernel. Undefined where it is not there. */
  unreadable(key: number): Unsettled | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (!entry.isInFlight) this.#take(entry);
    this.#settle(entry, "expired", 0);
    this.#admit();
    return entry;
  }

  idOf(key: number): string | undefined {
    return this.#entries.get(key)?.message.messageId;
  }

  /** The message in flight with this key. */
  messageOf(key: number): AnyMessage | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : this.#known(entry);
  }

  /** Makes a dead letter of what is in hand, as its output was refused. Undefined where it is not in hand. */
  deadLetter(messageId: string): Unsettled | undefined {
    for (const entry of this.#entries.all()) {
      if (!entry.isInFlight || entry.message.messageId !== messageId) continue;
      this.#settle(entry, "dead-lettered", 0); // what the host says of it later has no effect
      return { message: entry.message, attempts: entry.attempts + 1 };
    }
    return undefined;
  }

  settled(key: number, outcome: Outcome, attempts: number): void {
    const entry = this.#entries.get(key);
    if (!entry?.isInFlight) return;
    this.#settle(entry, outcome, attempts);
    // the host's dead letter has buffers of its own
    if (hasBuffers && outcome !== "requeued" && outcome !== "done") releaseReferences(entry.message);
  }

  #settleMessage(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    const entry = this.#byMessage.get(message);
    if (!entry?.isInFlight) return false;
    this.#settle(entry, outcome, attempts);
    if (outcome === "requeued") this.#mirror?.put(entry);
    return true;
  }

  #settle(entry: Entry, outcome: Outcome, attempts: number): void {
    entry.isInFlight = false;
    const times = ++this.#account[settlements[outcome]];
    if (outcome === "requeued") {
      entry.attempts = attempts;
      entry.redelivery = this.#nextRedelivery++;
    } else {
      this.#entries.delete(entry.key);
      if (entry.known !== undefined) this.#byMessage.delete(entry.known);
    }
    if (outcome === "done") {
      this.#account.finished(times);
      if (hasBuffers) releaseReferences(entry.message);
    }
    this.#checkIdle();
  }

  #known(entry: Entry): AnyMessage {
    entry.known ??= copyMessage(entry.message, envelopeOf(entry.message));
    this.#byMessage.set(entry.known, entry);
    return entry.known;
  }

  // --- core ---

  async gate(open: boolean): Promise<void> {
    this.#isOpen = open;
    await this.#mirror?.gate(open);
  }

  async seal(error: () => AnyRinglineError): Promise<void> {
    this.#sealed ??= error;
    this.#isTakingBack = true;
    if (this.#parked.areAhead) await this.#mirror?.unpark();
    this.#parked.rejectAll(error);
  }

  async idle(wait?: WaitOptions): Promise<void> {
    if (wait !== undefined) checkWait(wait, "drain", this.#spec.kernelId);
    if (this.#entries.size > 0) await this.#idle.wait(undefined, wait, "drain");
  }

  async recover(): Promise<readonly Unsettled[]> {
    await this.#mirror?.synchronise(() => {});
    const lost = this.#entries.all().filter((entry) => entry.isInFlight);
    return lost.map((entry) => ({ message: this.#known(entry), attempts: entry.attempts }));
  }

  async remove(): Promise<readonly Unsettled[]> {
    this.#isTakingBack = true;
    await this.#mirror?.clear();
    this.#isTakingBack = this.#sealed !== undefined;
    const { again, fresh } = this.#queue();
    const removed = [...again, ...fresh];
    for (const { key } of removed) this.#entries.delete(key);
    this.#queued = 0;
    this.#account.removedAgain += again.length;
    this.#account.removed += fresh.length;
    // whoever is parked was not accepted: they come in now, or have been sealed off before
    this.#admit();
    this.#checkIdle();
    return removed.map((entry) => ({ message: entry.message, attempts: entry.attempts }));
  }

  /** Queued messages, in the order of delivery. */
  #queue(): { again: Entry[]; fresh: Entry[] } {
    const queued = this.#entries.all().filter((entry) => !entry.isInFlight);
    const again = queued.filter((entry) => entry.redelivery > 0).sort((a, b) => b.redelivery - a.redelivery);
    const fresh = queued
      .filter((entry) => entry.redelivery === 0)
      .sort((a, b) => b.message.priority - a.message.priority);
    return { again, fresh };
  }

  async stats(): Promise<PortStats> {
    let stats: PortStats | undefined;
    // what comes right behind is not in what the kernel counts at this moment, either
    await this.#mirror?.synchronise(() => {
      stats = this.#account.stats(this.#parked.size);
    });
    return stats ?? this.#account.stats(this.#parked.size);
  }

  #checkIdle(): void {
    if (this.#entries.size > 0) return;
    for (let waiting = this.#idle.shift(); waiting !== undefined; waiting = this.#idle.shift()) waiting.resolve();
  }
}

/** Throws `INVALID_ARGUMENT` for a buffer that its sender does not have any more, and `SERIALIZATION`. */
function copyToKeep(message: AnyMessage): AnyMessage {
  if (hasBuffers) checkReferences(buffersOf(message), message);
  return copied(message, checkedBuffer);
}
