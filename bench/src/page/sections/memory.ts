import { formatNumber } from "../../report/format.js";
import type { Report } from "../../report/report.js";
import { bars } from "../bars.js";
import { figure } from "../chart-parts.js";
import { type Html, html, nothing } from "../html.js";
import { lines } from "../lines.js";
import { backendSeries } from "../palette.js";
import { linearScale } from "../scale.js";

/** Renders the memory of kernels, idle and in the long run. */
export function memory({ idle, heap, overload, soak }: Report): Html {
  if (idle.length + heap.length + overload.length + soak.length === 0) return nothing;
  const perKernel = idle.map(({ backend, kernels, bytesPerKernel }) => ({
    label: `${backend}, ${formatNumber(kernels)} kernels`,
    series: backendSeries(backend),
    value: Math.max(0, bytesPerKernel) / 1024,
  }));
  return html`<section><h2>Memory</h2><div class="grid-2">
${idle.length === 0 ? nothing : figure("Idle kernels", "Memory of one kernel that has nothing to do, of the main thread.", bars(perKernel, "KB"))}
${
  idle.length === 0
    ? nothing
    : figure(
        "Starting them",
        "One after the other, on average.",
        bars(
          idle.map(({ backend, kernels, startTime }) => ({
            label: `${backend}, ${formatNumber(kernels)} kernels`,
            series: backendSeries(backend),
            value: startTime,
          })),
          "ms",
        ),
      )
}
${
  heap.length === 0
    ? nothing
    : figure(
        "Growth of the heap",
        "Collected, over the whole run of messages.",
        table(
          ["", "messages", "growth"],
          heap.map(({ name, messages, growth }) => [name, formatNumber(messages), megabytes(growth)]),
        ),
      )
}
${
  overload.length === 0
    ? nothing
    : figure(
        "Overload",
        "A producer ten times faster than the last stage.",
        table(
          ["", "heap", "waiting", "accepted", "lost"],
          overload.map((one) => [
            `${one.mode} sends`,
            megabytes(one.difference),
            formatNumber(one.second.waiting),
            formatNumber(one.accepted),
            one.nothingLost ? "nothing" : "SOMETHING",
          ]),
        ),
      )
}
${soakCharts(soak)}
</div></section>`;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

function soakCharts(soak: Report["soak"]): Html[] {
  const all = soak.flatMap(({ points }) => points);
  if (all.length < 2) return [];
  const x = linearScale(all.map(({ second }) => second));
  const chart = (title: string, yLabel: string, pick: (point: (typeof all)[number]) => number) =>
    figure(
      title,
      "Without a pause; every message counted.",
      lines(
        soak.map(({ backend, way, points }) => ({
          series: { ...backendSeries(backend), name: `${backend}, ${way}` },
          points: points.map((point) => [point.second, pick(point)] as const),
        })),
        { x, y: linearScale(all.map(pick)), xLabel: "seconds", yLabel, marks: false },
      ),
    );
  return [
    chart("Soak: memory of the process", "resident, MB", ({ resident }) => resident / 1e6),
    chart("Soak: heap", "collected heap of the main thread, MB", ({ heap }) => heap / 1e6),
    chart("Soak: throughput", "messages a second", ({ perSecond }) => perSecond),
  ];
}

export function table(header: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  const head = header.map((cell) => html`<th>${cell}</th>`);
  const lines = rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`);
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${lines}</tbody></table></div>`;
}
