import type { Backpressure } from "@ringline/core";

interface Entry {
  readonly n: number;
  readonly priority: number;
}

/** Model of a port, as simple as possible: arrays with linear search. */
export class PortModel {
  /** In the order of acceptance. */
  readonly #queue: Entry[] = [];
  readonly #parked: Entry[] = [];
  readonly #capacity: number;
  readonly #backpressure: Backpressure;
  readonly dropped: number[] = [];
  accepted = 0;

  constructor(capacity: number, backpressure: Backpressure) {
    this.#capacity = capacity;
    this.#backpressure = backpressure;
  }

  get queued(): number {
    return this.#queue.length;
  }
  get parked(): number {
    return this.#parked.length;
  }

  offer(entry: Entry): "accepted" | "parked" | "rejected" {
    if (this.#queue.length < this.#capacity) {
      this.#accept(entry);
      return "accepted";
    }
    if (this.#backpressure === "block") {
      this.#parked.push(entry);
      return "parked";
    }
    if (this.#backpressure === "reject") return "rejected";
    const lowest = Math.min(...this.#queue.map(({ priority }) => priority));
    this.dropped.push(this.#remove(lowest).n);
    this.#accept(entry);
    return "accepted";
  }

  /** The next delivery, and the waiting sender that is admitted for it. */
  take(): { readonly n: number; readonly letIn: number | undefined } | undefined {
    if (this.#queue.length === 0) return undefined;
    const { n } = this.#remove(Math.max(...this.#queue.map(({ priority }) => priority)));
    const next = this.#parked.shift();
    if (next !== undefined) this.#accept(next);
    return { n, letIn: next?.n };
  }

  #accept(entry: Entry): void {
    this.#queue.push(entry);
    this.accepted++;
  }

  /** The oldest entry of a priority. */
  #remove(priority: number): Entry {
    const at = this.#queue.findIndex((entry) => entry.priority === priority);
    return this.#queue.splice(at, 1)[0] as Entry;
  }
}
