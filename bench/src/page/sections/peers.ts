import { formatNumber } from "../../report/format.js";
import type { Report, WorkloadReport } from "../../report/report.js";
import { type Bar, bars } from "../bars.js";
import { figure } from "../chart-parts.js";
import { type Html, html, nothing } from "../html.js";
import { subjectSeries } from "../palette.js";
import { spans } from "../spans.js";

/** Renders the comparison with other libraries. */
export function peers({ workloads }: Report): Html {
  const others = workloads.filter(({ part }) => part !== "patterns" && part !== "startup");
  if (others.length === 0) return nothing;
  const latencies = others.filter(({ subjects }) => subjects.some(({ percentiles }) => percentiles !== null));
  const figures = others.filter((workload) => !latencies.includes(workload)).map(comparison);
  return html`<section><h2>Beside what you would use instead</h2><p class="soft">Ours in colour, others in grey; drawn is the ratio to the reference, with which each was measured in turns. Whiskers: 95 % interval of its median. Hollow: not to be trusted.</p>
<div class="grid-2">${figures}</div>
${latencies.length === 0 ? nothing : html`<h2>Latency at a fixed rate</h2><p class="soft">Microseconds from the time at which a message was due to its reply, p50 (large dot) to the maximum. What a stall holds up is charged for it.</p><div class="grid-2">${latencies.map(latency)}</div>`}</section>`;
}

/** Bars are as long as the ratio that their labels tell; the figure itself belongs to the machine. */
function comparison({ name, title, unit, better, reference, subjects }: WorkloadReport): Html {
  const rows = subjects.flatMap((subject): Bar[] => {
    const { value, ratio, noise } = subject;
    if (value === null || ratio === null) return [];
    const { low, high } = ratio.interval;
    const note = `${formatNumber(value.median)} ${unit}${noise.length > 0 ? " · noisy" : ""}`;
    const series = subjectSeries(subject.name);
    return [{ label: subject.name, series, value: ratio.median, low, high, note, isNoisy: noise.length > 0 }];
  });
  const sorted = rows.sort((a, b) => (better === "higher" ? b.value - a.value : a.value - b.value));
  return figure(name, `${title}${better === "lower" ? "; lower is better" : ""}`, bars(sorted, `× ${reference}`));
}

function latency({ name, title, subjects }: WorkloadReport): Html {
  const rows = subjects.flatMap((subject) => {
    const { percentiles } = subject;
    return percentiles === null
      ? []
      : [
          {
            label: subject.name,
            series: subjectSeries(subject.name),
            marks: percentiles,
            isNoisy: subject.noise.length > 0,
          },
        ];
  });
  return figure(name, title, spans(rows, "µs"));
}
