import type { Admission } from "./admission.js";
import type { Batch } from "./batch.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { InFlightCounter, LeaveWatcher } from "./in-flight-counter.js";

/**
 * Flushes incomplete batches when the flow is full and nothing else moves, as no input that fills them can enter.
 * Filters, routes and joins make it impossible to rule this out beforehand.
 */
export class StuckBatchFlusher implements LeaveWatcher {
  readonly onlyLast = true;
  readonly #counter: InFlightCounter<FlowOrigin>;
  readonly #admission: Admission;
  readonly #batches: () => Iterable<Batch>;
  /** Counter indices of the workers of all stages. */
  readonly #workers: readonly number[];

  constructor(
    counter: InFlightCounter<FlowOrigin>,
    admission: Admission,
    batches: () => Iterable<Batch>,
    workers: readonly number[],
  ) {
    this.#counter = counter;
    this.#admission = admission;
    this.#batches = batches;
    this.#workers = workers;
  }

  /** Starts checking, as a sender waits for admission. */
  begin(): void {
    this.#counter.watch(this);
    this.#check();
  }

  messageLeft(): void {
    if (this.#admission.waiting > 0) this.#check();
    else this.#counter.unwatch(this);
  }

  #check(): void {
    for (const worker of this.#workers) if (this.#counter.load(worker) > 0) return;
    for (const batch of this.#batches()) batch.flush();
  }
}
