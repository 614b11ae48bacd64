import { formatNumber } from "../report/format.js";
import { axis, colorOf, formatTick, gridLines, percent, type Series } from "./chart-parts.js";
import { type Html, html } from "./html.js";
import { logScale } from "./scale.js";

export interface Span {
  readonly label: string;
  readonly series: Series;
  /** By name, from the lowest to the highest. */
  readonly marks: Readonly<Record<string, number>>;
  /** Drawn hollow: not to be trusted. */
  readonly isNoisy?: boolean;
}

/** From the first mark to the last, on a logarithmic line: percentiles. */
export function spans(rows: readonly Span[], unit: string): Html {
  const scale = logScale(rows.flatMap(({ marks }) => Object.values(marks)));
  const drawn = rows.map(({ label, series, marks, isNoisy }) => {
    const fill = isNoisy === true ? html`var(--card)` : colorOf(series);
    const entries = Object.entries(marks);
    const [from, to] = [entries[0]?.[1] ?? 1, entries.at(-1)?.[1] ?? 1];
    const color = colorOf(series);
    const said = entries.map(([name, value]) => `${name} ${formatNumber(value)}`).join(", ");
    const points = entries.map(([name, value], i) => {
      const radius = i === 0 ? 5 : 3;
      return html`<circle cx="${percent(scale.at(value))}" cy="10" r="${radius}" fill="${fill}" stroke="${color}" stroke-width="2"><title>${name}: ${formatNumber(value)} ${unit}</title></circle>`;
    });
    return html`<div class="row"><span class="label">${label}<b>${`${formatNumber(from)} … ${formatNumber(to)} ${unit}`}</b></span><svg height="20" role="img" aria-label="${label}: ${said} ${unit}">${gridLines(scale)}<line x1="${percent(scale.at(from))}" x2="${percent(scale.at(to))}" y1="10" y2="10" stroke="${color}" stroke-width="3" opacity=".4"/>${points}</svg></div>`;
  });
  return html`<div class="chart bars">${drawn}${axis(scale, formatTick, unit)}</div>`;
}
