import { count, figure } from "../text/numbers.js";
import { table } from "../text/table.js";
import { averageDelay, ENOUGH, type Group, type Summary } from "./summary.js";

const BAR = 40;

export function renderSummary({ byHour, byBand, worst, best }: Summary): string {
  return [
    `Average delay by hour of the day\n${renderGroups("hour", byHour)}`,
    `Average delay by distance\n${renderGroups("distance", byBand)}`,
    renderExtremes(worst, best),
  ].join("\n");
}

function renderGroups(title: string, groups: readonly Group[]): string {
  const highest = Math.max(0, ...groups.filter(isTelling).map(averageDelay));
  const rows = groups.map((group) => {
    const average = averageDelay(group);
    const length = isTelling(group) && average > 0 ? Math.round((average / highest) * BAR) : 0;
    return [group.label, count(group.flights), `${figure(average)} min`, "█".repeat(length)];
  });
  return table([title, "flights", "delay", ""], rows, [""]);
}

/** A handful of flights would stretch the scale for all others. */
function isTelling({ flights }: Group): boolean {
  return flights >= ENOUGH;
}

function renderExtremes(worst: Group | null, best: Group | null): string {
  if (worst === null || best === null)
    return `No hour and distance has the ${ENOUGH} flights to be called worst or best.\n`;
  return `Worst and best, of at least ${ENOUGH} flights\n${table(
    ["", "when and how far", "flights", "delay"],
    [renderExtreme("worst", worst), renderExtreme("best", best)],
    ["when and how far"],
  )}`;
}

function renderExtreme(name: string, group: Group): string[] {
  return [name, group.label, count(group.flights), `${figure(averageDelay(group))} min`];
}
