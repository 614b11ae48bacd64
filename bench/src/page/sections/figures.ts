import { formatNumber } from "../../report/format.js";
import type { Report, SubjectReport, WorkloadReport } from "../../report/report.js";
import { type Html, html, nothing } from "../html.js";

/** All figures as tables, what failed, and what was left out. */
export function figures(report: Report): Html {
  return html`<section><h2>All figures</h2>
<div class="group">${report.workloads.map(workload)}</div>
<div class="group">${list("Failed", report.failures)}${list("Not measured", report.notMeasured)}
<details><summary>How it was measured</summary><div><p>Every subject runs right before or right after the reference, who starts and in which order left to chance, after a warm-up that lasts until three measurements in a row agree (or the warm-up is over, then the row is marked). The ratio is taken pair by pair, so that a busy machine meets both sides. Medians, the middle half of the samples, and the 95 % interval of the median by the bootstrap. ${String(report.passes)} ${report.passes === 1 ? "process" : "processes"}, one after the other.</p><p>A row is noisy where others used more than a tenth of the cores meanwhile, where it never got steady, or where the interval of its ratio reaches further than a quarter.</p></div></details></div>
</section>`;
}

function workload({ name, title, unit, reference, subjects }: WorkloadReport): Html {
  const header = [
    "",
    unit,
    "middle half",
    `× ${reference}`,
    "95 % interval",
    "CPU a message",
    "cores",
    "garbage",
    "heap",
    "",
  ];
  const rows = subjects.map((subject) => html`<tr>${row(subject)}</tr>`);
  return html`<details><summary>${name} <span class="soft">${title}</span></summary><div class="scroll"><table><thead><tr>${header.map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

function row({ name, title, value, ratio, costs, noise }: SubjectReport): Html[] {
  const first = html`<td><span title="${title}">${name}</span></td>`;
  if (value === null || ratio === null) return [first, html`<td>none</td>`];
  const cpu = costs?.cpuPerMessage ?? null;
  const cells = [
    formatNumber(value.median),
    `${formatNumber(value.quartiles.low)} – ${formatNumber(value.quartiles.high)}`,
    ratio.median.toPrecision(3),
    `${ratio.interval.low.toPrecision(3)} – ${ratio.interval.high.toPrecision(3)}`,
    cpu === null ? "" : `${formatNumber(cpu)} µs`,
    costs === null ? "" : costs.cores.toFixed(2),
    costs === null ? "" : `${(costs.gcShare * 100).toFixed(0)} %`,
    costs === null ? "" : `${(costs.heap / 1e6).toFixed(0)} MB`,
  ];
  return [first, ...cells.map((cell) => html`<td>${cell}</td>`), html`<td class="wrap">${noise.join(", ")}</td>`];
}

function list(title: string, items: readonly string[]): Html {
  if (items.length === 0) return nothing;
  return html`<details><summary>${title} <span class="soft">${items.length}</span></summary><div><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></div></details>`;
}
