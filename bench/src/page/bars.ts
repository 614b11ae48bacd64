import { formatNumber } from "../report/format.js";
import { axis, colorOf, formatTick, gridLines, percent, type Series } from "./chart-parts.js";
import { type Html, html, nothing } from "./html.js";
import { linearScale } from "./scale.js";

export interface Bar {
  readonly label: string;
  readonly series: Series;
  readonly value: number;
  /** 95 % interval, drawn as a whisker. */
  readonly low?: number;
  readonly high?: number;
  /** Drawn hollow: not to be trusted. */
  readonly isNoisy?: boolean;
  /** Said after the figure. */
  readonly note?: string;
}

/** Lengths from 0: for figures that lie within an order of magnitude or two. */
export function bars(rows: readonly Bar[], unit: string): Html {
  const scale = linearScale(rows.flatMap(({ value, high }) => [value, high ?? value]));
  const drawn = rows.map(({ label, series, value, low, high, note, isNoisy }) => {
    const end = percent(scale.at(value));
    const whisker =
      low === undefined || high === undefined
        ? nothing
        : html`<line class="whisker" x1="${percent(scale.at(low))}" x2="${percent(scale.at(high))}" y1="50%" y2="50%"/>`;
    const text = `${formatNumber(value)} ${unit}`;
    const color = colorOf(series);
    const paint =
      isNoisy === true ? html`fill="var(--card)" stroke="${color}" stroke-dasharray="4 3"` : html`fill="${color}"`;
    return html`<div class="row"><span class="label">${label}<b>${text}${note === undefined ? "" : ` · ${note}`}</b></span>
<svg height="18" role="img" aria-label="${label}: ${text}">${gridLines(scale)}<rect x="0" y="3" height="12" rx="3" width="${end}" ${paint}/>${whisker}</svg></div>`;
  });
  return html`<div class="chart bars">${drawn}${axis(scale, formatTick, unit)}</div>`;
}
