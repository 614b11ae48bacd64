import { formatNumber } from "../report/format.js";
import { colorOf, formatTick, legend, percent, type Series } from "./chart-parts.js";
import { type Html, html, trusted } from "./html.js";
import type { Scale } from "./scale.js";

export interface Line {
  readonly series: Series;
  /** A noisy one is drawn hollow. */
  readonly points: readonly (readonly [x: number, y: number, isNoisy?: boolean])[];
}

export interface LinesOptions {
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel: string;
  readonly yLabel: string;
  /** · the figure itself */
  readonly formatX?: (value: number) => string;
  /** Points are marked · true. */
  readonly marks?: boolean;
}

/** Curves over a plane. Text and marks keep their size, whatever the width. */
export function lines(all: readonly Line[], options: LinesOptions): Html {
  const { x, y, xLabel, yLabel, formatX = formatTick, marks = true } = options;
  const up = (value: number) => 100 - y.at(value);
  const horizontal = y.ticks.map(
    (tick) =>
      html`<line class="grid" x1="0" x2="100%" y1="${percent(up(tick))}" y2="${percent(up(tick))}"/><text class="y" x="0" y="${percent(up(tick))}" dy="-3">${formatTick(tick)}</text>`,
  );
  const curves = all.map(({ series, points }) => {
    const path = points
      .map(([px, py], i) => `${i === 0 ? "M" : "L"}${x.at(px).toFixed(2)} ${up(py).toFixed(2)}`)
      .join("");
    const color = colorOf(series);
    return html`<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%"><path d="${trusted(path)}" fill="none" stroke="${color}" stroke-width="2" vector-effect="non-scaling-stroke"/></svg>`;
  });
  const circles = marks
    ? all.flatMap(({ series, points }) =>
        points.map(
          ([px, py, isNoisy]) =>
            html`<circle cx="${percent(x.at(px))}" cy="${percent(up(py))}" r="4" stroke="${colorOf(series)}" stroke-width="2" fill="${isNoisy === true ? html`var(--card)` : colorOf(series)}"><title>${series.name}, ${formatX(px)}: ${formatNumber(py)}</title></circle>`,
        ),
      )
    : [];
  const below = x.ticks.map((tick) => {
    const place = x.at(tick);
    const anchor = place < 8 ? "start" : place > 92 ? "end" : "middle";
    return html`<text x="${percent(place)}" y="13" text-anchor="${anchor}">${formatX(tick)}</text>`;
  });
  const names = all.map(({ series }) => series);
  return html`${names.length > 1 ? legend(names) : html``}<p class="unit">${yLabel}</p><svg class="plane" height="220" role="img" aria-label="${yLabel} by ${xLabel}">${horizontal}${curves}${circles}</svg><svg class="below" height="18" aria-hidden="true">${below}</svg><p class="unit end">${xLabel}</p>`;
}
