import type { Admission } from "./admission.js";
import type { Batch } from "./batch.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { Tally, Watcher } from "./tally.js";

/**
 * Sends incomplete batches on when the flow is full and nothing else moves: what would fill them cannot come in. Filters,
 * routes and joins make it impossible to rule that out before.
 */
export class FullWatch implements Watcher {
  readonly onlyLast = true;
  readonly #tally: Tally<FlowOrigin>;
  readonly #admission: Admission;
  readonly #batches: () => Iterable<Batch>;
  /** The workers of all stages. */
  readonly #workers: readonly number[];

  constructor(
    tally: Tally<FlowOrigin>,
    admission: Admission,
    batches: () => Iterable<Batch>,
    workers: readonly number[],
  ) {
    this.#tally = tally;
    this.#admission = admission;
    this.#batches = batches;
    this.#workers = workers;
  }

  /** Somebody waits for a place in the flow. */
  begin(): void {
    this.#tally.watch(this);
    this.#check();
  }

  left(): void {
    if (this.#admission.waiting > 0) this.#check();
    else this.#tally.unwatch(this);
  }

  #check(): void {
    for (const worker of this.#workers) if (this.#tally.load(worker) > 0) return;
    for (const batch of this.#batches()) batch.flush();
  }
}
