import { isRinglineError, placed } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { WaitList } from "../ports/wait-list.js";
import { isDealtAnew, type KernelInput } from "../runtime/kernel-input.js";
import type { Clock } from "../time/clock.js";
import { remaining, type WaitOptions } from "../time/wait-options.js";
import type { AnyOrigin, FlowOrigin } from "./flow-origin.js";
import type { Sink } from "./flow-services.js";
import type { InFlightCounter, LeaveWatcher } from "./in-flight-counter.js";

/** Distributes the messages of a stage among its workers, whose number may change. */
export interface Partition {
  readonly workers: readonly WorkerSink[];
  /** Lets senders wait, until `resume`. */
  hold(): Promise<void>;
  /** Distributes among these workers from now on. */
  resume(workers: readonly WorkerSink[]): Promise<void>;
  /** Index of the worker, of so many, that a queued message is dealt to. */
  indexOf(message: AnyMessage, workers: number): number;
}

interface Parked {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
}

/** Picks the worker that is tried first; the others follow in turn. */
export type Pick = (workers: readonly WorkerSink[]) => number;

const ACCEPTED = Promise.resolve();

/** Distributes messages among workers: the picked worker takes a message, or, if it is full, the next with capacity. */
export class WorkersSink implements Sink, LeaveWatcher, Partition {
  readonly name: string;
  workers: readonly WorkerSink[] = [];
  readonly by: "round-robin" | "least-loaded";
  readonly #pick: Pick;
  readonly #counter: InFlightCounter<FlowOrigin>;
  /** Messages that wait because all workers were full. */
  readonly #parked: WaitList<Parked, void>;
  /**
   * True while `#admit` runs: a worker may settle a message synchronously, and the running loop sees the free capacity.
   */
  #isAdmitting = false;
  #isHeld = false;
  #dealt = 0;
  readonly #clock: Clock;

  constructor(name: string, by: "round-robin" | "least-loaded", counter: InFlightCounter<FlowOrigin>, clock: Clock) {
    this.name = name;
    this.by = by;
    this.#pick = by === "least-loaded" ? leastLoaded(counter) : roundRobin();
    this.#counter = counter;
    this.#parked = new WaitList(clock, name);
    this.#clock = clock;
  }

  async hold(): Promise<void> {
    this.#isHeld = true;
  }

  async resume(workers: readonly WorkerSink[]): Promise<void> {
    this.workers = workers;
    this.#isHeld = false;
    this.#admit();
  }

  indexOf(_: AnyMessage, workers: number): number {
    return this.#dealt++ % workers;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.#parked.size === 0 && !this.#isHeld && this.#tryEach(message, origin);
  }

  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    try {
      if (this.tryPush(message, origin)) return ACCEPTED;
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#isForeign) return this.#pushToFirst(message, origin, wait);
    this.#counter.watch(this);
    const accepted = this.#parked.wait({ message, origin }, wait, "send");
    if (this.#counter.shared !== undefined) this.#admit(); // other threads report only messages that leave from now on
    return accepted;
  }

  /** Handles a message that has left a node: a worker may have capacity. */
  messageLeft(node: number): void {
    if (this.workers.some((worker) => worker.node === node)) this.#admit();
  }

  #admit(): void {
    if (this.#isAdmitting || this.#isHeld) return;
    this.#isAdmitting = true;
    this.#admitEach();
    this.#isAdmitting = false;
  }

  #admitEach(): void {
    for (let parked = this.#parked.first; parked !== undefined; parked = this.#parked.first) {
      const { message, origin } = parked.item;
      try {
        if (this.#tryEach(message, origin)) parked.resolve();
        else if (this.#isForeign) this.#pushToFirst(message, origin, undefined).then(parked.resolve, parked.reject);
        else return;
      } catch (error) {
        parked.reject(error as Parameters<typeof parked.reject>[0]);
      }
      // a worker may have run synchronously and aborted this wait
      if (this.#parked.first === parked) this.#parked.shift();
    }
    this.#counter.unwatch(this);
  }

  async #pushToFirst(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    const limits = remaining(wait ?? {}, this.#clock);
    try {
      await (this.workers[this.#pick(this.workers)] as WorkerSink).push(message, origin, wait, true);
    } catch (error) {
      if (!isDealtAnew(error)) throw error;
      await this.push(message, origin, limits());
    }
  }

  /** True if the workers are full of messages that bypassed the flow, which is not notified when they leave. */
  get #isForeign(): boolean {
    return !this.#isHeld && this.workers.every((worker) => this.#counter.load(worker.node) === 0);
  }

  /** Tries each worker once. Throws if all reject the message. */
  #tryEach(message: AnyMessage, origin: AnyOrigin): boolean {
    const workers = this.workers;
    const start = this.#pick(workers);
    let refusals = 0;
    let refusal: unknown;
    for (let i = 0; i < workers.length; i++) {
      try {
        if ((workers[(start + i) % workers.length] as WorkerSink).tryPush(message, origin)) return true;
      } catch (error) {
        refusals++;
        refusal = error;
      }
    }
    if (refusals === workers.length) throw refusal;
    return false;
  }
}

/** Picks each worker in turn. */
export function roundRobin(): Pick {
  let turn = 0;
  return (workers) => turn++ % workers.length;
}

/** Picks the worker with the fewest messages, queued and in flight; in turn among equals. */
export function leastLoaded(counter: InFlightCounter<FlowOrigin>): Pick {
  let turn = 0;
  return (workers) => {
    const start = turn++ % workers.length;
    let least = start;
    for (let i = 1; i < workers.length; i++) {
      const other = (start + i) % workers.length;
      const load = counter.load((workers[other] as WorkerSink).node);
      if (load < counter.load((workers[least] as WorkerSink).node)) least = other;
    }
    return least;
  };
}

/** The input of one kernel of the flow. */
export class WorkerSink implements Sink {
  readonly name: string;
  readonly node: number;
  readonly outlet: KernelInput;

  constructor(name: string, node: number, outlet: KernelInput) {
    this.name = name;
    this.node = node;
    this.outlet = outlet;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    const node = this.node;
    origin.enter(node); // counted before, as the message may be settled during the push
    let isAccepted = false;
    try {
      isAccepted = this.outlet.tryPush(message);
    } catch (error) {
      throw this.#named(error);
    } finally {
      if (!isAccepted) origin.withdraw(node);
    }
    return isAccepted;
  }

  /** `isChosen`: the worker was chosen among several, and is chosen anew if `isDealtAnew` is true for the error. */
  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined, isChosen = false): Promise<void> {
    origin.enter(this.node);
    try {
      await this.outlet.push(message, wait, isChosen);
    } catch (error) {
      origin.leave(this.node);
      throw this.#named(error);
    }
  }

  /** Adds the name of the rejecting stage to an error; otherwise the sender adds its own. */
  #named(error: unknown): unknown {
    return isRinglineError(error, "QUEUE_FULL") ? placed(error, { stage: this.name }) : error;
  }
}
