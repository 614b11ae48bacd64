import { formatNumber } from "../report/format.js";
import { axis, colorOf, formatTick, gridLines, legend, percent, type Series } from "./chart-parts.js";
import { type Html, html } from "./html.js";
import { logScale } from "./scale.js";

export interface Dot {
  readonly series: Series;
  readonly value: number;
  /** Lower bound of the interval. */
  readonly low: number;
  readonly high: number;
  /** Said beside its figure. */
  readonly note?: string;
  /** Drawn hollow: not to be trusted. */
  readonly isNoisy?: boolean;
}

export interface DotRow {
  readonly label: string;
  readonly dots: readonly Dot[];
}

/** Places on a logarithmic line: for figures that lie orders of magnitude apart. */
export function dots(rows: readonly DotRow[], unit: string): Html {
  const all = rows.flatMap((row) => row.dots);
  const series = [...new Map(all.map((dot) => [dot.series.name, dot.series])).values()];
  const scale = logScale(all.flatMap(({ low, value, high }) => [low, value, high]));
  const drawn = rows.map(({ label, dots: those }) => {
    const said = those.map((dot) => `${dot.series.name} ${formatNumber(dot.value)}`).join(", ");
    const height = 12 + 7 * those.length;
    const marks = those.map((dot, i) => {
      const y = 9 + 7 * i;
      const color = colorOf(dot.series);
      const title = `${dot.series.name}: ${formatNumber(dot.value)} ${unit} (${formatNumber(dot.low)} to ${formatNumber(dot.high)})${dot.note === undefined ? "" : `, ${dot.note}`}`;
      const [from, to] = [percent(scale.at(dot.low)), percent(scale.at(dot.high))];
      return html`<g><title>${title}</title><line x1="${from}" x2="${to}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="3" stroke-linecap="round" opacity=".45"/><circle cx="${percent(scale.at(dot.value))}" cy="${y}" r="4" stroke="${color}" stroke-width="2" fill="${dot.isNoisy === true ? html`var(--card)` : color}"/></g>`;
    });
    return html`<div class="row"><span class="label">${label}</span><svg height="${height}" role="img" aria-label="${label}: ${said} ${unit}">${gridLines(scale)}${marks}</svg></div>`;
  });
  return html`${series.length > 1 ? legend(series) : html``}<div class="chart">${drawn}${axis(scale, formatTick, unit)}</div>`;
}
