import { formatNumber } from "../report/format.js";
import { type Html, html, trusted } from "./html.js";
import type { Scale } from "./scale.js";

/** Values that are drawn in one colour. */
export interface Series {
  readonly name: string;
  /** One of the colours of the style sheet: 1 to 6, or "plain". */
  readonly color: number | "plain";
}

export const colorOf = ({ color }: Series) => trusted(`var(--c${color})`);

export function legend(series: readonly Series[]): Html {
  const entries = series.map((one) => html`<li><i style="background:${colorOf(one)}"></i>${one.name}</li>`);
  return html`<ul class="legend">${entries}</ul>`;
}

export const percent = (value: number) => trusted(`${Math.min(100, Math.max(0, value)).toFixed(2)}%`);

/** The lines behind a row of a chart. */
export function gridLines({ at, ticks }: Scale): readonly Html[] {
  return ticks.map(
    (tick) => html`<line class="grid" x1="${percent(at(tick))}" x2="${percent(at(tick))}" y1="-3" y2="106%"/>`,
  );
}

/** The figures below them. */
export function axis({ at, ticks }: Scale, format: (value: number) => string, unit: string): Html {
  const labels = ticks.map((tick) => {
    const place = at(tick);
    const anchor = place < 6 ? "start" : place > 94 ? "end" : "middle";
    return html`<text x="${percent(place)}" y="13" text-anchor="${anchor}">${format(tick)}</text>`;
  });
  return html`<div class="row axis"><span>${unit}</span><svg height="18" aria-hidden="true">${labels}</svg></div>`;
}

/** A round figure: 1 K, not 1.00 K. */
export const formatTick = (value: number) => formatNumber(value).replace(/\.0+(?=\s|$)|(?<=\.\d*[1-9])0+(?=\s|$)/, "");

export function figure(title: string, about: string, ...content: readonly Html[]): Html {
  return html`<figure><figcaption><h3>${title}</h3><p>${about}</p></figcaption>${content}</figure>`;
}
