import type { Report, WorkloadReport } from "../../report/report.js";
import { type Bar, bars } from "../bars.js";
import { figure } from "../chart-parts.js";
import { type Html, html, nothing } from "../html.js";
import { subjectSeries } from "../palette.js";
import { spans } from "../spans.js";

/** What users would take instead. */
export function peers({ workloads }: Report): Html {
  const others = workloads.filter(({ part }) => part !== "patterns" && part !== "startup");
  if (others.length === 0) return nothing;
  const latencies = others.filter(({ subjects }) => subjects.some(({ percentiles }) => percentiles !== null));
  const figures = others.filter((workload) => !latencies.includes(workload)).map(comparison);
  return html`<section><h2>Beside what you would use instead</h2><p class="soft">Ours in colour, others in grey. Whiskers: 95 % interval of the median. Each was measured in turns with the reference, and the ratio to it is what to trust.</p>
<div class="grid-2">${figures}</div>
${latencies.length === 0 ? nothing : html`<h2>Latency at a fixed rate</h2><p class="soft">Microseconds from the time at which a message was due to its reply, p50 (large dot) to the maximum. What a stall holds up is charged for it.</p><div class="grid-2">${latencies.map(latency)}</div>`}</section>`;
}

function comparison({ name, title, unit, better, reference, subjects }: WorkloadReport): Html {
  const rows = subjects.flatMap((subject): Bar[] => {
    const { value, ratio } = subject;
    if (value === null || ratio === null) return [];
    const relative = subject.name === reference ? "reference" : `× ${ratio.median.toPrecision(2)}`;
    const note = subject.noise.length > 0 ? `${relative} · noisy` : relative;
    const { low, high } = value.interval;
    return [{ label: subject.name, series: subjectSeries(subject.name), value: value.median, low, high, note }];
  });
  const sorted = rows.sort((a, b) => (better === "higher" ? b.value - a.value : a.value - b.value));
  return figure(name, `${title}${better === "lower" ? "; lower is better" : ""}`, bars(sorted, unit));
}

function latency({ name, title, subjects }: WorkloadReport): Html {
  const rows = subjects.flatMap((subject) => {
    const { percentiles } = subject;
    return percentiles === null
      ? []
      : [{ label: subject.name, series: subjectSeries(subject.name), marks: percentiles }];
  });
  return figure(name, title, spans(rows, "µs"));
}
