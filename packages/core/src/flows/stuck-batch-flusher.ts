import type { Admission } from "./admission.js";
import type { Batch } from "./batch.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { InFlightCounter, LeaveWatcher } from "./in-flight-counter.js";

/**
 * Sends incomplete batches on when the flow is full and nothing else moves: what would fill them cannot come in. Filters,
 * routes and joins make it impossible to rule that out before.
 */
export class StuckBatchFlusher implements LeaveWatcher {
  readonly onlyLast = true;
  readonly #counter: InFlightCounter<FlowOrigin>;
  readonly #admission: Admission;
  readonly #batches: () => Iterable<Batch>;
  /** The workers of all stages. */
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

  /** Somebody waits for a place in the flow. */
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
