import type { Report } from "../../report/report.js";
import { type Html, html, nothing } from "../html.js";

/** What was measured, where, and how far to trust it. */
export function head(report: Report): Html {
  const { machine, freeCores, node, commit, adapter, date, interrupted, passes, targets, failures } = report;
  const rows = report.workloads.flatMap(({ subjects }) => subjects);
  const noisy = rows.filter(({ noise }) => noise.length > 0).length;
  const count = (state: string) => targets.filter((target) => target.state === state).length;
  const facts = [
    `${machine.cpu}, ${machine.cores} cores${freeCores === null ? "" : `, ${freeCores.toFixed(1)} free when the run began`}`,
    node === "" ? machine.platform : `${machine.platform}, Node ${node}`,
    ...(adapter === null ? [] : [`WebGPU on ${adapter}`]),
    ...(commit === null ? [] : [`commit ${commit}`]),
    `${date.slice(0, 16).replace("T", " ")} UTC`,
  ];
  return html`<header><h1>Ringline bench</h1><p class="soft">${facts.join(" · ")}</p>
<ul class="tiles">
<li><b>${rows.length}</b><span>rows, ${passes} ${passes === 1 ? "pass" : "passes"}</span></li>
${targets.length === 0 ? nothing : html`<li><b>${count("met")}</b><span>targets met</span></li><li><b>${count("missed")}</b><span>targets missed</span></li>`}
<li><b>${noisy}</b><span>rows too noisy to trust</span></li>
${failures.length === 0 ? nothing : html`<li><b>${failures.length}</b><span>failures</span></li>`}
</ul>
${interrupted ? html`<p class="banner">Interrupted: this is what was measured until then.</p>` : nothing}
${noisy > rows.length / 2 ? html`<p class="banner">The machine was busy, or the run short: most rows are marked as noisy. Trust ratios within a row only.</p>` : nothing}
</header>`;
}
