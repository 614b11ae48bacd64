import { BANDS, HOURS } from "./labels.js";
import type { Cell } from "./messages.js";

/** Counts flights by hour and band: what the `aggregate` kernel keeps. */
export class RunningTotals {
  readonly #flights = new Float64Array(HOURS * BANDS);
  readonly #delay = new Float64Array(HOURS * BANDS);

  add({ delay, hour, band }: { readonly delay: number; readonly hour: number; readonly band: number }): void {
    const cell = hour * BANDS + band;
    this.#flights[cell]! += 1;
    this.#delay[cell]! += delay;
  }

  cells(): Cell[] {
    const cells: Cell[] = [];
    for (const [i, flights] of this.#flights.entries()) {
      if (flights === 0) continue;
      cells.push({ hour: Math.floor(i / BANDS), band: i % BANDS, flights, delay: this.#delay[i]! });
    }
    return cells;
  }
}
