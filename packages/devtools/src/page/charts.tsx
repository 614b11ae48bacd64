import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { timeOf } from "./format.js";

interface LinesProps {
  readonly title: string;
  /** Seconds since the epoch, then a list of values for each line. */
  readonly data: readonly (readonly number[])[];
  readonly lines: readonly { readonly label: string; readonly color: string }[];
  readonly format: (value: number) => string;
}

/** The value of a colour of the style sheet, as a canvas understands it. */
function cssColor(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Lines over time. */
export function Lines({ title, data, lines, format }: LinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const names = lines.map(({ label }) => label).join(", ");
  // a plot is made once, and gets its data below
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const axis = { stroke: cssColor("--soft"), grid: { stroke: cssColor("--line"), width: 1 }, ticks: { show: false } };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: 150,
        legend: { show: false },
        cursor: { y: false },
        scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
        axes: [
          { ...axis, size: 30, space: 80, values: "{HH}:{mm}:{ss}" },
          { ...axis, size: 58, values: (_, values) => values.map(format) },
        ],
        series: [
          {},
          ...lines.map(({ label, color }) => ({ label, stroke: cssColor(color), width: 2, points: { show: false } })),
        ],
      },
      data as unknown as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: 150 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [names]);
  useEffect(() => plot.current?.setData(data as unknown as uPlot.AlignedData), [data]);
  const latest = lines.map(({ label }, i) => `${label} ${format(data[i + 1]?.at(-1) ?? 0)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {lines.map(({ label, color }, i) => (
          <span key={label} class="key">
            <span class="dot" style={{ background: `var(${color})` }} /> {label} {format(data[i + 1]?.at(-1) ?? 0)}
          </span>
        ))}
      </figcaption>
      <div ref={place} role="img" aria-label={`${title} over time: now ${latest}`} />
    </figure>
  );
}

interface HeatMapProps {
  readonly title: string;
  /** Numbers of measured values by octave at each refresh, oldest first. */
  readonly columns: readonly (readonly number[])[];
}

/** Number of columns of a heat map. */
export const HEAT_COLUMNS = 120;

/** Latencies over time: a row for each octave, darker where there are more values. */
export function HeatMap({ title, columns }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [low, high] = rangeOf(columns);
  const rows = high - low + 1;
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen) return;
    const most = Math.max(1, ...columns.flat());
    pen.clearRect(0, 0, HEAT_COLUMNS, rows);
    pen.fillStyle = cssColor("--accent");
    const offset = HEAT_COLUMNS - columns.length;
    for (const [x, column] of columns.entries()) {
      for (const [octave, n] of column.entries()) {
        if (n === 0 || octave < low) continue;
        pen.globalAlpha = 0.15 + 0.85 * Math.sqrt(n / most);
        pen.fillRect(offset + x, high - octave, 1, 1);
      }
    }
    pen.globalAlpha = 1;
  }, [columns, low, high, rows]);
  const bound = (octave: number) => timeOf(0.0016 * 2 ** octave);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div class="heat">
        <span class="high">{bound(high)}</span>
        <span class="low">{bound(low - 1)}</span>
        <canvas
          ref={canvas}
          width={HEAT_COLUMNS}
          height={rows}
          role="img"
          aria-label={`${title}: between ${bound(low - 1)} and ${bound(high)}`}
        />
      </div>
    </figure>
  );
}

function rangeOf(columns: readonly (readonly number[])[]): [number, number] {
  let [low, high] = [40, 0];
  for (const column of columns) {
    for (const [octave, n] of column.entries()) {
      if (n === 0) continue;
      low = Math.min(low, octave);
      high = Math.max(high, octave);
    }
  }
  return low > high ? [8, 15] : [Math.max(0, low - 1), Math.max(high + 1, low + 6)];
}
