import { formatNumber } from "../../report/format.js";
import type { Report } from "../../report/report.js";
import type { Target } from "../../report/target.js";
import { type Html, html, nothing } from "../html.js";
import { table } from "./memory.js";

const WORDS: Readonly<Record<string, string>> = { atLeast: "at least", atMost: "at most", below: "below" };

/** Renders the targets of the project, missed ones first. */
export function targets({ targets: all }: Report): Html {
  if (all.length === 0) return nothing;
  const order = ["missed", "met", "not measured"];
  const sorted = [...all].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const rows = sorted.map((target) => [
    target.name,
    wanted(target),
    target.measured === null ? "" : formatNumber(target.measured),
    state(target),
  ]);
  return html`<section><h2>Targets</h2><p class="soft">Reported, not asserted. “Within the noise”: the 95 % interval lies on both sides.</p><div class="card">${table(["", "wanted", "measured", ""], rows)}</div></section>`;
}

function wanted({ wanted: limit }: Target): string {
  const [[relation, value]] = Object.entries(limit) as [[string, number]];
  return `${WORDS[relation] ?? relation} ${formatNumber(value)}`;
}

function state({ state: word, certain }: Target): Html {
  if (word === "not measured") return html`<span class="chip open">not measured</span>`;
  if (certain === false) return html`<span class="chip doubt">${word}, within the noise</span>`;
  return html`<span class="chip ${word}">${word}</span>`;
}
