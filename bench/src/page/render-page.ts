import type { Report } from "../report/report.js";
import { type Html, html, trusted } from "./html.js";
import { backends } from "./sections/backends.js";
import { figures } from "./sections/figures.js";
import { head, trust } from "./sections/head.js";
import { map } from "./sections/map.js";
import { memory } from "./sections/memory.js";
import { peers } from "./sections/peers.js";
import { targets } from "./sections/targets.js";
import { STYLE } from "./style.js";

/** Renders the body of a report's page. */
export function renderBody(report: Report): string {
  const sections = [head, map, trust, backends, peers, memory, targets, figures].map((section) => section(report));
  return html`<main>${sections}</main>`.markup;
}

/** One file that needs no other: figures, charts and style. */
export function renderPage(report: Report): string {
  return page(`Ringline bench, ${report.date.slice(0, 10)}`, trusted(renderBody(report)));
}

export function page(title: string, content: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${trusted(STYLE)}</style></head><body>${content}</body></html>
`.markup;
}
