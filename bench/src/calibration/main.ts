import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { THRESHOLD } from "../cli/compare-command.js";
import { deviation, passesOf } from "../comparison/change.js";
import { compareReports } from "../comparison/compare-reports.js";
import { readReport } from "../report/read-report.js";
import type { Report } from "../report/report.js";
import { median } from "../stats/quantile.js";

/**
 * Whether `compare` can be trusted: how often it calls a commit slower than itself, and how often it finds messages that
 * take 1.5 times as long because a port of the in-process backend holds them up.
 *   node bench/dist/calibrate.js [comparisons] [options of the bench]
 */
const [count = "10", ...given] = process.argv.slice(2);
const comparisons = Number(count);
const USUAL =
  "--quick --pairs 15 --passes 3 --backend in-process --only echo,chain,flow --subject ringline-handle,ringline-run,ringline-flow";
const options = given.length > 0 ? given : USUAL.split(" ");
/** Each message of the echo leaves two ports. */
const PORTS = 2;
const SLOWDOWN = 1.5;

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "ringline-calibrate-"));
const interval = ({ low, high }: { readonly low: number; readonly high: number }) =>
  `${low.toFixed(2)} – ${high.toFixed(2)}`;

async function measure(delay = 0): Promise<Report> {
  const out = join(folder, "report.json");
  const plant = delay === 0 ? [] : ["--import", here("slow-port.js")];
  const child = spawn(process.execPath, [...plant, here("main.js"), ...options, "--out", out], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, RINGLINE_BENCH_DELAY: String(delay) },
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the bench ended with ${code}`);
  return readReport(out);
}

function slowerIn(before: Report, after: Report): string[] {
  const { rows } = compareReports(before, after, THRESHOLD);
  return rows
    .filter(({ verdict }) => verdict === "slower")
    .map((row) => `${row.workload}, ${row.subject}: ${row.slowdown.toFixed(2)} (${interval(row)})`);
}

/** Nanoseconds that a message of the echo takes. */
function echoTime(report: Report): number {
  const echo = report.workloads.find(({ name }) => name === "echo");
  const figure = echo?.subjects.find(({ name }) => name === "ringline-handle")?.value?.median;
  if (figure === undefined) throw new Error("the options leave out the echo of ringline-handle");
  return 1e9 / figure;
}

try {
  const plain: Report[] = [await measure()];
  let [mistaken, found] = [0, 0];
  for (let comparison = 1; comparison <= comparisons; comparison++) {
    const before = plain.at(-1) as Report;
    plain.push(await measure());
    const itself = slowerIn(before, plain.at(-1) as Report);
    if (itself.length > 0) mistaken++;
    const delay = (echoTime(plain.at(-1) as Report) * (SLOWDOWN - 1)) / PORTS;
    const planted = slowerIn(plain.at(-1) as Report, await measure(delay));
    if (planted.length > 0) found++;
    console.log(
      `${comparison}: itself: ${itself.join("; ") || "nothing"} | planted: ${planted.join("; ") || "NOTHING"}`,
    );
  }
  console.log(`of ${comparisons} comparisons with itself ${mistaken} called something slower`);
  console.log(`of ${comparisons} planted slowdowns ${found} were found`);
  console.log(
    `processes lie apart by ${apart(plain).toFixed(3)} (standard deviation of logarithms, median over the rows)`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Between all passes of all reports of the same code. */
function apart(reports: readonly Report[]): number {
  const byRow = new Map<string, number[]>();
  for (const { workloads } of reports) {
    for (const { name, reference, subjects } of workloads) {
      for (const subject of subjects) {
        if (subject.name === reference) continue;
        const key = `${name}, ${subject.name}`;
        byRow.set(key, [...(byRow.get(key) ?? []), ...passesOf(subject).map((pass) => median(pass))]);
      }
    }
  }
  return median([...byRow.values()].map(deviation));
}
