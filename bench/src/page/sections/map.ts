import { formatNumber } from "../../report/format.js";
import type { Report, SubjectReport, WorkloadReport } from "../../report/report.js";
import { colorOf } from "../chart-parts.js";
import { type Html, html, nothing } from "../html.js";
import { backendSeries } from "../palette.js";

const SIZES = ["64B", "1KB", "64KB", "4MB"] as const;
const WORKS: Readonly<Record<string, string>> = {
  none: "none",
  "5us": "5 µs",
  "50us": "50 µs",
  "500us": "500 µs",
  data: "data-parallel",
};
const NAMES: Readonly<Record<string, string>> = {
  "in-process": "in process",
  "worker-threads": "threads",
  nats: "NATS",
};
const shortOf = (name: string) => NAMES[name] ?? name;
const BASE = "in-process";

/** The fastest backend for one size and one kind of work. */
export interface MapCell {
  readonly size: string;
  readonly work: string;
  readonly winner: string;
  /** The backend that it is compared with: in process, or the next best where that is the fastest itself. */
  readonly beside: string | undefined;
  /** Speed relative to that backend. */
  readonly times: number;
  /** False where the intervals of both overlap or a figure is marked: no difference was shown. */
  readonly isTrusted: boolean;
}

/**
 * Returns the map of the cells with three stages in a row. Both sides were paired with the same yardstick, so the
 * machine cancels out.
 */
export function mapOf({ workloads }: Pick<Report, "workloads">): readonly MapCell[] {
  return workloads.flatMap((workload): MapCell[] => {
    const [, size, work] = /^simple\/(\w+)\/(\w+)$/.exec(workload.name) ?? [];
    if (size === undefined || work === undefined || !(work in WORKS)) return [];
    const cell = fastest(workload);
    return cell === undefined ? [] : [{ size, work, ...cell }];
  });
}

function fastest({ subjects }: WorkloadReport): Omit<MapCell, "size" | "work"> | undefined {
  const [first, second] = subjects.filter((one) => one.ratio !== null).sort((a, b) => middle(b) - middle(a)) as (
    | SubjectReport
    | undefined
  )[];
  if (first === undefined) return undefined;
  const other = first.name === BASE ? second : (subjects.find(({ name, ratio }) => name === BASE && ratio) ?? second);
  if (other === undefined) {
    return { winner: first.name, beside: undefined, times: 1, isTrusted: first.noise.length === 0 };
  }
  const apart = (first.ratio?.interval.low ?? 0) > (other.ratio?.interval.high ?? 0);
  return {
    winner: first.name,
    beside: other.name,
    times: middle(first) / middle(other),
    isTrusted: apart && first.noise.length === 0 && other.noise.length === 0,
  };
}

const middle = ({ ratio }: SubjectReport) => ratio?.median ?? 0;

/** The first question: which backend, and how much faster. */
export function map(report: Report): Html {
  const cells = mapOf(report);
  if (cells.length === 0) return nothing;
  const sizes = SIZES.filter((size) => cells.some((cell) => cell.size === size));
  const works = Object.keys(WORKS).filter((work) => cells.some((cell) => cell.work === work));
  const head = works.map((work) => html`<th scope="col">${WORKS[work] as string}</th>`);
  const rows = sizes.map((size) => {
    const row = works.map((work) => drawn(cells.find((cell) => cell.size === size && cell.work === work)));
    return html`<tr><th scope="row">${size}</th>${row}</tr>`;
  });
  return html`<section class="map"><h2>Which backend?</h2><p>${answer(cells)}</p>
<div class="card"><p class="soft">Rows: the size of a message. Columns: the work for each message, in each of three stages.</p><table><thead><tr><td></td>${head}</tr></thead><tbody>${rows}</tbody></table>
<p class="soft">The fastest backend on this machine, and how many times as fast as the event loop (or, where that is fastest, as the next one). Filled: shown. Hollow: no difference beyond noise, or a figure that is marked; take the simpler one.</p></div></section>`;
}

function drawn(cell: MapCell | undefined): Html {
  if (cell === undefined) return html`<td></td>`;
  const { winner, beside, times, isTrusted } = cell;
  const color = colorOf(backendSeries(winner));
  const [name, figure] = [shortOf(winner), beside === undefined ? "only one" : `× ${formatNumber(round(times))}`];
  const than = beside === undefined ? "" : `, beside ${beside}${isTrusted ? "" : ", not shown beyond noise"}`;
  const style = isTrusted ? html`background:${color};color:var(--card)` : html`color:${color}`;
  return html`<td><span class="${isTrusted ? "cell" : "cell hollow"}" style="${style}" title="${`${winner} ${figure}${than}`}"><b>${name}</b>${figure}</span></td>`;
}

const round = (times: number) => (times >= 10 ? Math.round(times) : Math.round(times * 10) / 10);

/** In one sentence, from the cells that are trusted. */
export function answer(cells: readonly MapCell[]): string {
  const known = cells.filter(({ isTrusted }) => isTrusted);
  if (known.length === 0)
    return "No cell shows a difference beyond noise: start in process, and measure again on a calmer machine.";
  const parts = [...new Set(known.map(({ winner }) => winner))].map((winner) => {
    const own = known.filter((cell) => cell.winner === winner);
    const works = Object.keys(WORKS).filter((work) => own.some((cell) => cell.work === work));
    const best = Math.max(...own.map(({ times }) => times));
    const where = works.map((work) => (work === "none" ? "no work" : WORKS[work])).join(", ");
    return `${shortOf(winner)} with ${where} a message (up to ${formatNumber(round(best))} times as fast)`;
  });
  return `Fastest on this machine: ${parts.join("; ")}.`;
}
