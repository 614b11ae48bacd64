import { giveReferences, hasBuffers, releaseReferences, transferReferences } from "../buffers/references.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Inlet, Outcome, Outlet, Port, PortSpec, PortStats, Refused, Unsettled } from "../seam/port.js";
import type { RoomyOutlet } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { Account, InFlightMessages, settlements } from "./account.js";
import { LevelQueue } from "./queues.js";
import { WaitList } from "./wait-list.js";

/**
 * Maximum number of senders parked at one port; one more is rejected, so that sends that nobody awaits stay bounded.
 */
export const MAX_WAITERS = 100_000;

/** The result of a push that was accepted at once. */
export const ACCEPTED = Promise.resolve();

/** A port in local memory, both ends in the same thread. */
export class MemoryPort implements Port, RoomyOutlet, Inlet {
  readonly outlet: Outlet = this;
  readonly inlet: Inlet = this;
  readonly #spec: PortSpec;
  readonly #account: Account;
  readonly #capacity: number;
  readonly #isInput: boolean;
  readonly #queue = new LevelQueue<AnyMessage>();
  /** Requeued messages: accepted before, they go first and take no capacity. */
  readonly #redeliveries: Unsettled[] = [];
  readonly #inFlight = new InFlightMessages();
  readonly #parked: WaitList<AnyMessage, void>;
  readonly #idle: WaitList<undefined, void>;
  #open: boolean;
  #reader: (() => void) | undefined;
  #sealed: (() => AnyRinglineError) | undefined;

  constructor(spec: PortSpec, clock: Clock) {
    this.#spec = spec;
    this.#account = new Account(spec.telemetry, clock);
    this.#capacity = spec.capacity;
    this.#isInput = spec.direction === "input";
    this.#open = !this.#isInput;
    this.#parked = new WaitList(clock, spec.kernelId);
    this.#idle = new WaitList(clock, spec.kernelId);
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#sealed !== undefined) throw this.#sealed();
    // parked senders go first
    if (this.#queue.size < this.#capacity && this.#parked.size === 0) {
      this.#accept(message);
      return true;
    }
    return this.#pushFull(message);
  }

  push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    try {
      if (wait !== undefined) checkWait(wait, "send", this.#spec.kernelId);
      if (this.tryPush(message)) return ACCEPTED;
      if (this.#parked.size >= MAX_WAITERS) throw this.#refuse();
      if (wait?.timeout === 0) throw new errors.TIMEOUT({ operation: "send", timeout: 0 }, this.#spec);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#parked.wait(message, wait, "send");
  }

  get credits(): number {
    const isAlone = !this.#isInput && this.#sealed === undefined && this.#parked.size === 0;
    return isAlone ? this.#capacity - this.#queue.size : 0;
  }

  tryTake(): AnyMessage | undefined {
    if (!this.#open) return undefined;
    if (this.#redeliveries.length > 0) return this.#takeRedelivery();
    const message = this.#takeQueued();
    if (message === undefined) return undefined;
    if (this.#isInput) {
      this.#account.take++;
      this.#inFlight.add(message);
    } else {
      this.#account.finished(++this.#account.pass);
      if (hasBuffers) giveReferences(message);
      this.#checkIdle();
    }
    return message;
  }

  #takeRedelivery(): AnyMessage {
    const tried = this.#redeliveries.shift() as Unsettled;
    if (this.#isInput) {
      this.#account.takeAgain++;
      this.#inFlight.addRedelivered(tried);
    } else {
      this.#account.passAgain++;
      if (hasBuffers) giveReferences(tried.message);
      this.#checkIdle();
    }
    return tried.message;
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    this.#wake();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    if (!this.#isInput) return this.#putBack(message, outcome);
    if (!this.#inFlight.delete(message)) return false;
    if (outcome === "done") {
      this.#account.finished(++this.#account.done);
      if (hasBuffers) releaseReferences(message);
    } else {
      this.#account[settlements[outcome]]++;
      if (outcome === "requeued") this.#requeue({ message, attempts });
    }
    this.#checkIdle();
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inFlight.attemptsOf(message);
  }

  /** Requeues a message that was taken from an output and could not be forwarded; any other message taken is done. */
  #putBack(message: AnyMessage, outcome: Outcome): boolean {
    if (outcome !== "requeued") return false;
    this.#account.putBack++;
    this.#requeue({ message: hasBuffers ? transferReferences(message) : message, attempts: 0 });
    return true;
  }

  #requeue(tried: Unsettled): void {
    this.#redeliveries.unshift(tried);
    this.#wake();
  }

  async gate(open: boolean): Promise<void> {
    this.#open = open;
    this.#wake();
  }

  async seal(error: () => AnyRinglineError): Promise<void> {
    this.#sealed ??= error;
    this.#parked.rejectAll(error);
  }

  idle(wait?: WaitOptions): Promise<void> {
    try {
      if (wait !== undefined) checkWait(wait, "drain", this.#spec.kernelId);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#isIdle) return Promise.resolve();
    return this.#idle.wait(undefined, wait, "drain");
  }

  async recover(): Promise<readonly Unsettled[]> {
    return this.#inFlight.all();
  }

  async remove(): Promise<readonly Unsettled[]> {
    const all = this.#redeliveries.splice(0);
    for (const _ of all) this.#account.removedAgain++;
    for (let message = this.#takeQueued(); message !== undefined; message = this.#takeQueued()) {
      this.#account.removed++;
      all.push({ message, attempts: 0 });
    }
    this.#checkIdle();
    return all;
  }

  discard(isUnwanted: (message: AnyMessage) => boolean): readonly Unsettled[] {
    const discarded: Unsettled[] = [];
    for (let before = -1; before < discarded.length; ) {
      before = discarded.length;
      this.#discardQueued(isUnwanted, discarded);
      while (this.#parked.size > 0 && this.#queue.size < this.#capacity) this.#admitWaiting();
    }
    this.#checkIdle();
    return discarded;
  }

  #discardQueued(isUnwanted: (message: AnyMessage) => boolean, discarded: Unsettled[]): void {
    for (const tried of this.#redeliveries.splice(0)) {
      const isOut = isUnwanted(tried.message);
      (isOut ? discarded : this.#redeliveries).push(tried);
      if (isOut) this.#account.removedAgain++;
    }
    const kept: [AnyMessage, number][] = [];
    for (let message = this.#queue.takeHighest(); message !== undefined; message = this.#queue.takeHighest()) {
      if (!isUnwanted(message)) {
        kept.push([message, this.#queue.takenStamp]);
        continue;
      }
      this.#account.removed++;
      discarded.push({ message, attempts: 0 });
    }
    for (const [message, stamp] of kept) this.#queue.push(message, message.priority, stamp);
  }

  async adopt(messages: readonly Unsettled[]): Promise<void> {
    for (const { message: sent, attempts } of messages) {
      const message = hasBuffers ? transferReferences(sent) : sent;
      if (attempts === 0) this.#enqueue(message);
      else {
        this.#account.accept();
        this.#account.adopted++;
        this.#redeliveries.push({ message, attempts });
      }
    }
    this.#wake();
  }

  async stats(): Promise<PortStats> {
    return this.#account.stats(this.#parked.size);
  }

  #accept(message: AnyMessage): void {
    this.#enqueue(hasBuffers ? transferReferences(message) : message);
  }

  #enqueue(message: AnyMessage): void {
    this.#queue.push(message, message.priority, this.#account.accept());
    if (this.#reader !== undefined) this.#wake();
  }

  #pushFull(message: AnyMessage): boolean {
    switch (this.#spec.backpressure) {
      case "block":
        return false;
      case "reject":
        throw this.#refuse();
      case "drop-oldest":
        return this.#dropOldestFor(message);
    }
  }

  #dropOldestFor(message: AnyMessage): boolean {
    const accepted = hasBuffers ? transferReferences(message) : message;
    const oldest = this.#queue.takeLowest() as AnyMessage;
    this.#account.dropped++;
    this.#enqueue(accepted);
    this.#spec.dropped(oldest);
    if (hasBuffers) releaseReferences(oldest);
    return true;
  }

  #refuse(): AnyRinglineError {
    this.#account.rejected++;
    return new errors.QUEUE_FULL({ queueSize: this.#capacity }, { kernelId: this.#spec.kernelId });
  }

  /** Takes a message from the queue and admits the first parked sender. */
  #takeQueued(): AnyMessage | undefined {
    const message = this.#queue.takeHighest();
    if (message === undefined) return undefined;
    const stamp = this.#queue.takenStamp;
    if (stamp !== 0) this.#account.waited(stamp);
    if (this.#parked.size > 0 && this.#queue.size < this.#capacity) this.#admitWaiting();
    return message;
  }

  #admitWaiting(): void {
    for (let sender = this.#parked.shift(); sender !== undefined; sender = this.#parked.shift()) {
      try {
        this.#accept(sender.item);
        sender.resolve();
        return;
      } catch (error) {
        sender.reject(error as AnyRinglineError);
      }
    }
  }

  #wake(): void {
    if (this.#reader === undefined || !this.#open || this.#queue.size + this.#redeliveries.length === 0) return;
    const reader = this.#reader;
    this.#reader = undefined;
    reader();
  }

  get #isIdle(): boolean {
    return this.#queue.size + this.#redeliveries.length + this.#inFlight.size === 0;
  }

  #checkIdle(): void {
    if (this.#idle.size > 0 && this.#isIdle) {
      for (let waiting = this.#idle.shift(); waiting !== undefined; waiting = this.#idle.shift()) waiting.resolve();
    }
  }
}

/** A port that copies each message, so that one that cannot be copied is rejected at its sender. */
export class CopyingPort implements Port {
  readonly inlet: Inlet;
  readonly outlet: Outlet;
  readonly discard: Port["discard"];
  readonly #port: Port;
  readonly #copied: (message: AnyMessage) => AnyMessage;

  /** `copied`: throws `SERIALIZATION` for what it cannot copy. */
  constructor(port: Port, copied: (message: AnyMessage) => AnyMessage) {
    const { inlet, outlet } = port;
    this.#port = port;
    this.#copied = copied;
    this.discard = port.discard && ((isUnwanted) => port.discard?.(isUnwanted) ?? []);
    this.inlet = inlet;
    this.outlet = {
      tryPush: (message) => outlet.tryPush(copied(message)),
      push: async (message, wait) => outlet.push(copied(message), wait),
    };
  }

  gate: Port["gate"] = (open) => this.#port.gate(open);
  seal: Port["seal"] = (error) => this.#port.seal(error);
  idle: Port["idle"] = (wait) => this.#port.idle(wait);
  recover: Port["recover"] = () => this.#port.recover();
  remove: Port["remove"] = () => this.#port.remove();
  stats: Port["stats"] = () => this.#port.stats();

  get adopt(): Port["adopt"] {
    return this.#port.adopt && ((messages, refused) => this.#adopt(messages, refused));
  }

  async #adopt(messages: readonly Unsettled[], refused: Refused): Promise<void> {
    const copies = messages.flatMap((one) => {
      try {
        return [{ ...one, message: this.#copied(one.message) }];
      } catch (error) {
        refused(one, error);
        return [];
      }
    });
    await this.#port.adopt?.(copies, refused);
  }
}
