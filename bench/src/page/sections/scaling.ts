import type { WorkloadReport } from "../../report/report.js";
import { figure } from "../chart-parts.js";
import type { Html } from "../html.js";
import { type Line, lines } from "../lines.js";
import { backendSeries } from "../palette.js";
import { linearScale, logScale, type Scale } from "../scale.js";

const BYTES: Readonly<Record<string, number>> = { "64B": 64, "1KB": 1024, "64KB": 65_536, "4MB": 4_194_304 };

/** Renders the throughput as one parameter at a time changes. */
export function scaling(cells: readonly WorkloadReport[]): Html[] {
  const payloads = curves(cells, /^simple\/(\w+)\/none$/, (name) => BYTES[name]);
  const workers = curves(cells, /^workers-(\d+)\//, Number);
  const windows = curves(cells, /^window-(\d+)\//, Number);
  const bytes = (value: number) => Object.keys(BYTES).find((name) => BYTES[name] === value) ?? String(value);
  return [
    ...chart(
      "Payload",
      "Three stages without work. Large arrays are filled anew for each message.",
      payloads,
      "bytes a message",
      {
        ticks: Object.values(BYTES),
        formatX: bytes,
      },
    ),
    ...chart("Workers", "One stage with 50 µs of work a message, shared by so many workers.", workers, "workers", {
      isLinear: true,
    }),
    ...chart(
      "Batches",
      "One stage, asked with so many requests under way at a time: what can be put together on the way.",
      windows,
      "under way",
    ),
  ];
}

function curves(
  cells: readonly WorkloadReport[],
  pattern: RegExp,
  parse: (text: string) => number | undefined,
): Line[] {
  const found = new Map<string, [number, number, boolean][]>();
  for (const { name, subjects } of cells) {
    const x = parse(pattern.exec(name)?.[1] ?? "");
    if (x === undefined || !(x > 0)) continue;
    for (const { name: subject, value, noise } of subjects) {
      if (value === null) continue;
      found.set(subject, [...(found.get(subject) ?? []), [x, value.median, noise.length > 0]]);
    }
  }
  return [...found].map(([name, points]) => ({
    series: backendSeries(name),
    points: points.sort(([a], [b]) => a - b),
  }));
}

interface ChartOptions {
  readonly ticks?: readonly number[];
  readonly formatX?: (value: number) => string;
  readonly isLinear?: boolean;
}

function chart(title: string, about: string, all: readonly Line[], xLabel: string, options: ChartOptions = {}): Html[] {
  const points = all.flatMap((line) => line.points);
  const places = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  if (places.length < 2) return [];
  const x: Scale = { at: logScale(places).at, ticks: options.ticks?.filter((tick) => places.includes(tick)) ?? places };
  const figures = points.map(([, y]) => y);
  const y = options.isLinear === true ? linearScale(figures) : logScale(figures);
  const { formatX = String } = options;
  return [figure(title, about, lines(all, { x, y, xLabel, yLabel: "messages a second", formatX }))];
}
