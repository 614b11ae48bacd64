import { bandLabel, bandOf, hourLabel } from "./labels.js";
import { averageDelay, ENOUGH, type Group, type Summary } from "./summary.js";

/** The same result by a loop without kernels, schemas and arrays of totals: what the pipeline is checked against. */
export class PlainLoop {
  rows = 0;
  rejected = 0;
  #flights = 0;
  readonly #byHour = new Map<number, Group>();
  readonly #byBand = new Map<number, Group>();
  readonly #byBoth = new Map<number, Group>();

  add(row: unknown): void {
    this.rows++;
    if (!isFlight(row)) {
      this.rejected++;
      return;
    }
    const hour = Math.floor(row.time);
    const band = bandOf(row.distance);
    this.#flights++;
    count(this.#byHour, hour, hourLabel(hour), row.delay);
    count(this.#byBand, band, bandLabel(band), row.delay);
    count(this.#byBoth, hour * 100 + band, `${hourLabel(hour)}, ${bandLabel(band)}`, row.delay);
  }

  summary(): Summary {
    let worst: Group | null = null;
    let best: Group | null = null;
    for (const group of inOrder(this.#byBoth)) {
      if (group.flights < ENOUGH) continue;
      if (worst === null || averageDelay(group) > averageDelay(worst)) worst = group;
      if (best === null || averageDelay(group) < averageDelay(best)) best = group;
    }
    return { flights: this.#flights, byHour: inOrder(this.#byHour), byBand: inOrder(this.#byBand), worst, best };
  }
}

function isFlight(row: unknown): row is { delay: number; distance: number; time: number } {
  const { delay, distance, time } = (row ?? {}) as Record<string, unknown>;
  if (!Number.isInteger(delay) || !Number.isInteger(distance) || typeof time !== "number") return false;
  return (distance as number) > 0 && time >= 0 && time < 24;
}

function count(groups: Map<number, Group>, key: number, label: string, delay: number): void {
  const group = groups.get(key) ?? { label, flights: 0, delay: 0 };
  groups.set(key, { label, flights: group.flights + 1, delay: group.delay + delay });
}

function inOrder(groups: ReadonlyMap<number, Group>): Group[] {
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
