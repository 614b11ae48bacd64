import type { AnyMessage } from "../messages/any-message.js";
import { WaitList } from "../ports/wait-list.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { InFlightCounter, LeaveWatcher } from "./in-flight-counter.js";
import type { AnyOrigin } from "./joint-origin.js";
import type { Sink } from "./sink.js";
import type { WorkerSink } from "./worker-sink.js";

interface Parked {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
}

/** Picks the worker that is asked first; the others follow in turn. */
export type Pick = (workers: readonly WorkerSink[]) => number;

const ACCEPTED = Promise.resolve();

/** Workers that share what comes: the one that is picked takes it, the next one that has room where it is full. */
export class WorkersSink implements Sink, LeaveWatcher {
  readonly name: string;
  readonly workers: readonly WorkerSink[];
  readonly by: "round-robin" | "least-loaded";
  readonly #pick: Pick;
  readonly #counter: InFlightCounter<FlowOrigin>;
  /** All were full when these came. */
  readonly #parked: WaitList<Parked, void>;
  /** A worker that takes a message may be done with it at once, and leave room for the next one: the loop sees that. */
  #isAdmitting = false;

  constructor(
    name: string,
    workers: readonly WorkerSink[],
    by: "round-robin" | "least-loaded",
    counter: InFlightCounter<FlowOrigin>,
    clock: Clock,
  ) {
    this.name = name;
    this.workers = workers;
    this.by = by;
    this.#pick = by === "least-loaded" ? leastLoaded(counter) : roundRobin();
    this.#counter = counter;
    this.#parked = new WaitList(clock, name);
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.#parked.size === 0 && this.#tryEach(message, origin);
  }

  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    try {
      if (this.tryPush(message, origin)) return ACCEPTED;
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#isForeign) return this.#first.push(message, origin, wait);
    this.#counter.watch(this);
    const accepted = this.#parked.wait({ message, origin }, wait, "send");
    if (this.#counter.shared !== undefined) this.#admit(); // what has just left in another thread did not know
    return accepted;
  }

  /** A message has left a node: there may be room. */
  messageLeft(node: number): void {
    if (this.#isAdmitting || !this.workers.some((worker) => worker.node === node)) return;
    this.#isAdmitting = true;
    this.#admit();
    this.#isAdmitting = false;
  }

  #admit(): void {
    for (let parked = this.#parked.first; parked !== undefined; parked = this.#parked.first) {
      const { message, origin } = parked.item;
      try {
        if (this.#tryEach(message, origin)) parked.resolve();
        else if (this.#isForeign) this.#first.push(message, origin, undefined).then(parked.resolve, parked.reject);
        else return;
      } catch (error) {
        parked.reject(error as Parameters<typeof parked.reject>[0]);
      }
      // a worker may have run already, and ended this wait by its signal
      if (this.#parked.first === parked) this.#parked.shift();
    }
    this.#counter.unwatch(this);
  }

  get #first(): WorkerSink {
    return this.workers[this.#pick(this.workers)] as WorkerSink;
  }

  /** True if the workers are full of messages that came past the flow: nobody will notify when they leave. */
  get #isForeign(): boolean {
    return this.workers.every((worker) => this.#counter.load(worker.node) === 0);
  }

  /** Throws when each of them refuses. */
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

/** Each in turn. */
export function roundRobin(): Pick {
  let turn = 0;
  return (workers) => turn++ % workers.length;
}

/** The one with the fewest messages, queued and in hand; in turn where several have equally few. */
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
