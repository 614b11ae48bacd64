import type { Report } from "../../report/report.js";
import { type Html, html, nothing } from "../html.js";

/** Measurement, and its place. */
export function head({ machine, freeCores, node, commit, adapter, date, interrupted }: Report): Html {
  const facts = [
    `${machine.cpu}, ${machine.cores} cores${freeCores === null ? "" : `, ${freeCores.toFixed(1)} free when the run began`}`,
    node === "" ? machine.platform : `${machine.platform}, Node ${node}`,
    ...(adapter === null ? [] : [`WebGPU on ${adapter}`]),
    ...(commit === null ? [] : [`commit ${commit}`]),
    `${date.slice(0, 16).replace("T", " ")} UTC`,
  ];
  return html`<header><h1>Ringline bench</h1><p class="soft">${facts.join(" · ")}</p>
${interrupted ? html`<p class="banner">Interrupted: this is what was measured until then.</p>` : nothing}</header>`;
}

/** Renders the trustworthiness of a report. */
export function trust({ workloads, passes, targets, failures }: Report): Html {
  const rows = workloads.flatMap(({ subjects }) => subjects);
  const noisy = rows.filter(({ noise }) => noise.length > 0).length;
  const count = (state: string) => targets.filter((target) => target.state === state).length;
  return html`<section><ul class="tiles">
<li><b>${rows.length}</b><span>rows, ${passes} ${passes === 1 ? "pass" : "passes"}</span></li>
<li><b>${noisy}</b><span>rows not to trust</span></li>
${targets.length === 0 ? nothing : html`<li><b>${count("met")}</b><span>targets met</span></li><li><b>${count("missed")}</b><span>targets missed</span></li>`}
${failures.length === 0 ? nothing : html`<li><b>${failures.length}</b><span>failures</span></li>`}
</ul>
${passes < 3 ? html`<p class="soft">A first look: kept results are of three passes, as what an engine compiles differs from start to start.</p>` : nothing}
${noisy > rows.length / 2 ? html`<p class="banner">The machine was busy, or the run short: most rows are marked as noisy.</p>` : nothing}</section>`;
}
