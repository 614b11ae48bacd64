import { formatNumber } from "../../report/format.js";
import type { Report, SubjectReport, WorkloadReport } from "../../report/report.js";
import { bars } from "../bars.js";
import { figure } from "../chart-parts.js";
import { type DotRow, dots } from "../dots.js";
import { type Html, html, nothing } from "../html.js";
import { backendSeries } from "../palette.js";
import { scaling } from "./scaling.js";

/** Every pattern on every backend; then how that changes with the payload, with workers, and with what is under way. */
export function backends({ workloads }: Report): Html {
  const cells = workloads.filter(({ part }) => part === "patterns");
  const startup = workloads.find(({ part }) => part === "startup");
  if (cells.length === 0 && startup === undefined) return nothing;
  const patterns = cells.filter(({ name }) => !/^(workers|window)-/.test(name));
  const ways = [...new Set(patterns.map(({ name }) => wayOf(name)))];
  const [most, ...others] = ways.sort((a, b) => count(patterns, b) - count(patterns, a));
  const device = others.find((way) => patterns.some((cell) => wayOf(cell.name) === way && hasDevice(cell)));
  return html`<section><h2>Backends</h2><p class="soft">Messages a second on a logarithmic line; further right is faster. Bars: the middle half of the measurements. Hollow: noisy.</p>
${most === undefined ? nothing : html`<div class="grid-2">${throughput(patterns, most)}${cpu(patterns, most)}</div>`}
${others.length === 0 ? nothing : html`<div class="group">${others.map((way) => html`<details${way === device ? " open" : ""}><summary>${describe(way)}</summary><div>${throughput(patterns, way)}</div></details>`)}</div>`}
<div class="grid-2">${scaling(cells)}${startup === undefined ? nothing : startUp(startup)}</div></section>`;
}

const hasDevice = ({ subjects }: WorkloadReport) => subjects.some(({ name }) => name === "webgpu");
/** `simple/1KB/none` → `1KB/none`. */
const wayOf = (name: string) => name.slice(name.indexOf("/") + 1);
const patternOf = (name: string) => name.slice(0, name.indexOf("/"));
const count = (cells: readonly WorkloadReport[], way: string) => cells.filter(({ name }) => wayOf(name) === way).length;

const WORK: Readonly<Record<string, string>> = {
  none: "no work",
  "5us": "5 µs of work",
  "50us": "50 µs of work",
  "500us": "500 µs of work",
  data: "data-parallel work",
};

function describe(way: string): string {
  const [payload = "", work = ""] = way.split("/");
  return `${payload} a message, ${WORK[work] ?? work} in each stage`;
}

function throughput(cells: readonly WorkloadReport[], way: string): Html {
  const rows = rowsOf(cells, way, ({ value, delivered, noise }) => {
    if (value === null) return undefined;
    const notes = [
      ...(delivered !== null && delivered < 1 ? [`${(delivered * 100).toFixed(0)} % delivered`] : []),
      ...noise,
    ];
    return {
      value: value.median,
      low: value.quartiles.low,
      high: value.quartiles.high,
      notes,
      isNoisy: noise.length > 0,
    };
  });
  return figure(`Throughput: ${describe(way)}`, "By pattern and backend.", dots(rows, "msg/s"));
}

function cpu(cells: readonly WorkloadReport[], way: string): Html {
  const rows = rowsOf(cells, way, ({ costs, noise }) => {
    const value = costs?.cpuPerMessage ?? undefined;
    return value === undefined ? undefined : { value, low: value, high: value, notes: [], isNoisy: noise.length > 0 };
  });
  return figure(
    "CPU time a message, all threads",
    "Further left is cheaper, however it is spread over cores.",
    dots(rows, "µs"),
  );
}

interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly notes: readonly string[];
  readonly isNoisy: boolean;
}

function rowsOf(
  cells: readonly WorkloadReport[],
  way: string,
  pick: (subject: SubjectReport) => Figure | undefined,
): DotRow[] {
  return cells
    .filter(({ name }) => wayOf(name) === way)
    .map(({ name, subjects }) => ({
      label: patternOf(name),
      dots: subjects.flatMap((subject) => {
        const found = pick(subject);
        if (found === undefined) return [];
        const { notes, ...place } = found;
        return [{ series: backendSeries(subject.name), ...place, ...(notes.length > 0 && { note: notes.join(", ") }) }];
      }),
    }));
}

function startUp({ subjects, title }: WorkloadReport): Html {
  const rows = subjects.flatMap(({ name, value, noise }) =>
    value === null
      ? []
      : [
          {
            label: name,
            series: backendSeries(name),
            value: value.median,
            low: value.interval.low,
            high: value.interval.high,
            isNoisy: noise.length > 0,
          },
        ],
  );
  return figure(
    "Start-up",
    `${title}; the fastest takes ${formatNumber(Math.min(...rows.map(({ value }) => value)))} ms.`,
    bars(rows, "ms"),
  );
}
