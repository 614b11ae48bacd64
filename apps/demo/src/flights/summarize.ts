import { BANDS, bandLabel, HOURS, hourLabel } from "./labels.js";
import type { Cell } from "./messages.js";
import { averageDelay, ENOUGH, type Group, type Summary } from "./summary.js";

/** Computes the summary that the `report` kernel sends from the totals. */
export function summarize(cells: readonly Cell[]): Summary {
  const byHour = Array.from({ length: HOURS }, (_, at) => sum(hourLabel(at), cells, ({ hour }) => hour === at));
  const byBand = Array.from({ length: BANDS }, (_, at) => sum(bandLabel(at), cells, ({ band }) => band === at));
  const candidates = cells.filter(({ flights }) => flights >= ENOUGH).map(labelled);
  const averages = candidates.map(averageDelay);
  return {
    flights: sum("all", cells, () => true).flights,
    byHour: byHour.filter(({ flights }) => flights > 0),
    byBand: byBand.filter(({ flights }) => flights > 0),
    worst: candidates[averages.indexOf(Math.max(...averages))] ?? null,
    best: candidates[averages.indexOf(Math.min(...averages))] ?? null,
  };
}

function sum(label: string, cells: readonly Cell[], counts: (cell: Cell) => boolean): Group {
  const own = cells.filter(counts);
  return {
    label,
    flights: own.reduce((total, { flights }) => total + flights, 0),
    delay: own.reduce((total, { delay }) => total + delay, 0),
  };
}

function labelled({ hour, band, flights, delay }: Cell): Group {
  return { label: `${hourLabel(hour)}, ${bandLabel(band)}`, flights, delay };
}
