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
  type Refused,
  referencesMoved,
  releaseReferences,
  settlements,
  type Unsettled,
  WaitList,
} from "@ringline/core/internal";
import { checkedBuffer, copied, withOwnBuffers } from "@ringline/remote";
import { Entries, Entry } from "./entries.js";
import { ParkedSenders } from "./parked-senders.js";

/** Host end of the port, from which the kernel takes its messages. */
export interface Mirror {
  /**
   * Queues a message. With `drop-oldest` and a full queue, the mirror drops the oldest message of the lowest priority
   * and reports it.
   */
  put(entry: Entry): void;
  /** Parks a message until there is capacity; the mirror admits parked messages in the same order as the port. */
  park(key: number, message: AnyMessage): void;
  /**
   * Discards the parked messages of the mirror. Resolves once the port has received the report of it, in order with the
   * reports of takes.
   */
  unpark(): Promise<void>;
  /** Opens or closes the mirror. Resolves when nothing more is taken, or when the mirror is gone. */
  gate(open: boolean): Promise<void>;
  /** Resolves once all reports of takes so far have arrived. `heard`: called at that moment. */
  synchronise(heard: () => void): Promise<void>;
  /** Resolves when the mirror is empty. */
  clear(): Promise<void>;
}

/**
 * Input of a kernel that runs at a host. The port keeps messages until they are settled, so that they survive the loss
 * of the host; the host mirrors the queue, takes from the mirror, and reports what it took.
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
  /** True while the host is asked to discard its parked messages. */
  #isTakingBack = false;
  #sealed: (() => AnyRinglineError) | undefined;
  #nextKey = 1;
  /** Copy of the last rejected message, for the `push` that follows. */
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
      tryTake: () => undefined, // the only reader is at the host
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

  /** True for `drop-oldest`: a full port drops its oldest message. */
  get dropsOldest(): boolean {
    return this.#spec.backpressure === "drop-oldest";
  }

  /**
   * Number of messages that are accepted without parking, for this and all other senders. An output beyond it is
   * parked, although its sender does not wait.
   */
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

  /** `key`: key under which the host already has the message. */
  #accept(sent: AnyMessage, copy: AnyMessage, key?: number): void {
    const message = hasBuffers && buffersOf(sent).length > 0 ? withOwnBuffers(copy) : copy;
    if (hasBuffers) referencesMoved(sent);
    const entry = new Entry(key ?? this.#nextKey++, message, this.#account.accept());
    this.#entries.add(entry);
    this.#queued++;
    // takes at the host may not be reported yet; the host itself knows its capacity
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

  /** Attaches the mirror of a kernel that starts at a host: all queued messages are sent to it. */
  async attach(mirror: Mirror): Promise<void> {
    this.#mirror = mirror;
    for (const entry of this.#queue().again.reverse()) mirror.put(entry);
    for (const entry of this.#entries.all()) {
      if (!entry.isInFlight && entry.redelivery === 0) mirror.put(entry);
    }
    this.#sendAhead();
    await mirror.gate(this.#isOpen);
  }

  /** Detaches the mirror of a kernel that has ended, or whose host is lost. */
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
      if (this.#parked.size > 0) this.#admit(); // senders admitted at the host may be in this range
      this.#settle(entry, "done", 0);
    }
  }

  /** Handles the report that the host has discarded its parked messages. */
  unparked(): void {
    this.#parked.takeBack();
  }

  droppedAt(key: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && !entry.isInFlight) this.#drop(entry);
  }

  /** Settles a message that the host could not decode and the kernel did not get. Undefined if there is none. */
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

  /** Message in flight with this key. */
  messageOf(key: number): AnyMessage | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : this.#known(entry);
  }

  /** Settles a message in flight as a dead letter because its output was rejected. Undefined if it is not in flight. */
  deadLetter(messageId: string): Unsettled | undefined {
    for (const entry of this.#entries.all()) {
      if (!entry.isInFlight || entry.message.messageId !== messageId) continue;
      this.#settle(entry, "dead-lettered", 0); // later reports of the host have no effect
      return { message: entry.message, attempts: entry.attempts + 1 };
    }
    return undefined;
  }

  settled(key: number, outcome: Outcome, attempts: number): void {
    const entry = this.#entries.get(key);
    if (!entry?.isInFlight) return;
    this.#settle(entry, outcome, attempts);
    // the dead letter of the host has its own buffers
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
    // parked senders were not accepted: they are admitted now, or were rejected by `seal`
    this.#admit();
    this.#checkIdle();
    return removed.map((entry) => ({ message: entry.message, attempts: entry.attempts }));
  }

  async adopt(messages: readonly Unsettled[], refused: Refused): Promise<void> {
    const again: Entry[] = [];
    for (const one of messages) {
      try {
        const copy = copyToKeep(one.message);
        if (one.attempts === 0) this.#accept(one.message, copy);
        else again.push(this.#adoptAgain(one, copy));
      } catch (error) {
        refused(one, error);
      }
    }
    // redeliveries are delivered latest first
    for (const entry of again.reverse()) {
      entry.redelivery = this.#nextRedelivery++;
      this.#mirror?.put(entry);
    }
  }

  #adoptAgain({ message: sent, attempts }: Unsettled, copy: AnyMessage): Entry {
    const message = hasBuffers && buffersOf(sent).length > 0 ? withOwnBuffers(copy) : copy;
    if (hasBuffers) referencesMoved(sent);
    const entry = new Entry(this.#nextKey++, message, this.#account.accept());
    entry.attempts = attempts;
    this.#account.adopted++;
    this.#entries.add(entry);
    return entry;
  }

  /** Queued messages, in delivery order. */
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
    // items right behind the answer are not in the counts of the kernel either
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

/** Copies a message. Throws `INVALID_ARGUMENT` for a buffer that its sender has released, and `SERIALIZATION`. */
function copyToKeep(message: AnyMessage): AnyMessage {
  if (hasBuffers) checkReferences(buffersOf(message), message);
  return copied(message, checkedBuffer);
}
