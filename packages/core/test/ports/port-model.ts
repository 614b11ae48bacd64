import type { Backpressure } from "../../src/kernels/kernel.js";
import type { AnyMessage } from "../../src/messages/any-message.js";
import type { Outcome, PortSpec, Unsettled } from "../../src/seam/port.js";
import type { Ledger } from "../../src/telemetry/telemetry.js";
import type { CountingSignal } from "../support/counting-signal.js";
import { numberOf } from "../support/messages.js";
import type { Watched } from "../support/settling.js";

/** A push or a wait for idleness: how it stands, and how it should. */
export interface Wait {
  readonly real: Watched<void>;
  readonly until: number;
  readonly signal: CountingSignal | undefined;
  expected: string;
}
/** Model of a port: plain lists, searched from end to end. */
export class PortModel {
  readonly queued: AnyMessage[] = [];
  readonly again: Unsettled[] = [];
  /** In hand again. */
  readonly tried: Unsettled[] = [];
  /** Taken and not settled; of an output: taken. */
  readonly hand: AnyMessage[] = [];
  readonly parked: { readonly wait: Wait; readonly message: AnyMessage }[] = [];
  readonly idling: Wait[] = [];
  readonly dropped: number[] = [];
  isOpen: boolean;
  isSealed = false;
  isWatched = false;
  calls = 0;
  readonly counts = { rejected: 0, requeued: 0, received: 0 };
  #accepted = 0;
  #done = 0;
  #deadLettered = 0;

  constructor(
    readonly capacity: number,
    readonly backpressure: Backpressure,
    readonly direction: PortSpec["direction"],
  ) {
    this.isOpen = direction === "output";
  }

  get inHand(): number {
    return this.direction === "input" ? this.hand.length : 0;
  }

  ledger(): Ledger {
    const dropped = this.dropped.length;
    const queued = this.queued.length + this.again.length;
    const [accepted, done, deadLettered] = [this.#accepted, this.#done, this.#deadLettered];
    return { accepted, queued, inHand: this.inHand, done, dropped, deadLettered };
  }

  gate(open: boolean): void {
    this.isOpen = open;
    this.#wake();
  }

  watch(): void {
    this.isWatched = true;
    this.#wake();
  }

  /** "done", "waits", or the code of the error. */
  tryPush(message: AnyMessage): string {
    if (this.isSealed) return "TERMINATED";
    if (this.queued.length < this.capacity) {
      this.#accept(message);
      return "done";
    }
    if (this.backpressure === "block") return "waits";
    if (this.backpressure === "reject") {
      this.counts.rejected++;
      return "QUEUE_FULL";
    }
    const lowest = Math.min(...this.queued.map((m) => m.priority));
    const index = this.queued.findIndex((m) => m.priority === lowest);
    this.dropped.push(...this.queued.splice(index, 1).map(numberOf));
    this.#accept(message);
    return "done";
  }

  #accept(message: AnyMessage): void {
    this.#accepted++;
    this.queued.push(message);
    this.#wake();
  }

  take(): AnyMessage | undefined {
    if (!this.isOpen) return undefined;
    const again = this.again.shift();
    const message = again?.message ?? this.#takeQueued();
    if (message === undefined) return undefined;
    if (again !== undefined) this.tried.push(again);
    this.counts.received++;
    this.hand.push(message);
    if (this.direction === "output") this.#done++;
    return message;
  }

  #takeQueued(): AnyMessage | undefined {
    if (this.queued.length === 0) return undefined;
    const highest = Math.max(...this.queued.map((m) => m.priority));
    const index = this.queued.findIndex((m) => m.priority === highest);
    const [message] = this.queued.splice(index, 1);
    if (this.queued.length < this.capacity) this.#letIn();
    return message;
  }

  /** Settles a message. A message that was taken from an output is done, and can only be put back. */
  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    if (this.direction === "output" && outcome !== "requeued") return false;
    this.hand.splice(this.hand.indexOf(message), 1);
    const tried = this.#triedFirst(message);
    if (tried !== undefined) this.tried.splice(this.tried.indexOf(tried), 1);
    if (this.direction === "output") this.#done--;
    if (outcome === "done") this.#done++;
    if (outcome === "dead-lettered" || outcome === "expired") this.#deadLettered++;
    if (outcome === "expired") this.counts.received--;
    if (outcome === "requeued") {
      this.counts.requeued++;
      this.again.unshift({ message, attempts: this.direction === "input" ? attempts : 0 });
      this.#wake();
    }
    return true;
  }

  /** Of the same message in hand several times, the one that was tried before counts first. */
  #triedFirst(message: AnyMessage): Unsettled | undefined {
    return this.tried.find((tried) => tried.message === message && tried.attempts > 0);
  }

  attemptsOf(message: AnyMessage): number {
    return this.#triedFirst(message)?.attempts ?? 0;
  }

  remove(): Unsettled[] {
    const removed = this.again.splice(0);
    for (let message = this.#takeQueued(); message !== undefined; message = this.#takeQueued()) {
      removed.push({ message, attempts: 0 });
    }
    this.#deadLettered += removed.length;
    return removed;
  }

  /** Again for what is let in as there is room, until nothing more is found. */
  discard(isUnwanted: (message: AnyMessage) => boolean): Unsettled[] {
    const out = this.again.filter(({ message }) => isUnwanted(message));
    for (const one of out) this.again.splice(this.again.indexOf(one), 1);
    const queued = this.queued.filter(isUnwanted).sort((a, b) => b.priority - a.priority);
    for (const message of queued) this.queued.splice(this.queued.indexOf(message), 1);
    this.#deadLettered += out.length + queued.length;
    while (this.queued.length < this.capacity && this.parked.length > 0) this.#letIn();
    const discarded = [...out, ...queued.map((message) => ({ message, attempts: 0 }))];
    return discarded.length === 0 ? [] : [...discarded, ...this.discard(isUnwanted)];
  }

  #letIn(): void {
    const first = this.parked.shift();
    if (first === undefined) return;
    first.wait.expected = "done";
    this.#accept(first.message);
  }

  #wake(): void {
    if (!this.isWatched || !this.isOpen || this.queued.length + this.again.length === 0) return;
    this.isWatched = false;
    this.calls++;
  }

  /** Ends the waits whose signal aborted, whose time is over, or whose end has come. */
  endWaits(now: number): void {
    const isIdle = this.queued.length + this.again.length + this.inHand === 0;
    for (const { wait } of this.parked) wait.expected = standing(wait, now, this.isSealed ? "TERMINATED" : "waits");
    for (const wait of this.idling) wait.expected = standing(wait, now, isIdle ? "done" : "waits");
    this.parked.splice(0, Number.POSITIVE_INFINITY, ...this.parked.filter(({ wait }) => wait.expected === "waits"));
    this.idling.splice(0, Number.POSITIVE_INFINITY, ...this.idling.filter(({ expected }) => expected === "waits"));
  }
}

function standing({ signal, until }: Wait, now: number, otherwise: string): string {
  if (signal?.aborted) return "ABORTED";
  return until <= now ? "TIMEOUT" : otherwise;
}
