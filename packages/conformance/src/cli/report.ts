import { type Case, laws } from "../case.js";
import type { Failure } from "./failure.js";
import { type Counts, sum, type Tally } from "./tally.js";

const WIDTH = 32;
const FRAMES = 6;

/** The cases of a subject as a table by law, then each skip. */
export function table(counter: Tally): string {
  const rows = [...counter.byLaw].sort(([a], [b]) => a - b);
  const lines = [
    counter.subject,
    row("law", "", ["passed", "failed", "skipped"]),
    ...rows.map(([law, counts]) => row(String(law), laws[law], countsOf(counts))),
    row("", "all", countsOf(counter.total)),
    ...counter.skips.map(({ case: one, reason }) => `  skipped  ${fullName(one)}\n           ${reason}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** A failure as it is printed when it occurs: the case, the error, its cause and the top of its stack. */
export function failureText(subject: string, one: Case, { code, message, cause, stack }: Failure): string {
  const frames = stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  const lines = [
    `${code} (${message})`,
    ...(cause === undefined ? [] : [`cause: ${cause}`]),
    ...frames.slice(0, FRAMES).map((line) => line.trim()),
  ];
  return [`  FAILED   ${fullName(one)} (${subject})`, ...lines.map((line) => `           ${line}`)].join("\n");
}

/** The last line. */
export function summary(tallies: readonly Tally[]): string {
  const { passed, failed, skipped } = sum(tallies.map(({ total }) => total));
  const notRun = tallies.reduce((total, { notRun }) => total + notRun, 0);
  return `${passed} passed, ${failed} failed, ${skipped} skipped${notRun > 0 ? `, ${notRun} not run` : ""}`;
}

export function json(tallies: readonly Tally[], isInterrupted: boolean, checksLeaks: boolean): string {
  const backends = tallies.map(({ subject, total: { passed, failed }, failures, skips, notRun }) => ({
    name: subject,
    passed,
    failed,
    notRun,
    failures: failures.map(({ case: one, failure }) => ({ law: one.law, case: one.name, ...failure })),
    skipped: skips.map(({ case: one, reason }) => ({ law: one.law, case: one.name, reason })),
  }));
  return JSON.stringify({ interrupted: isInterrupted, leaks: checksLeaks ? "checked" : "unchecked", backends });
}

export function list(cases: readonly Case[], asJson: boolean): string {
  if (!asJson) return cases.map(fullName).join("\n");
  return JSON.stringify(cases.map(({ law, name, requires }) => ({ law, case: name, ...(requires && { requires }) })));
}

function fullName({ law, name }: Case): string {
  return `law ${law}: ${name}`;
}

function countsOf({ passed, failed, skipped }: Counts): string[] {
  return [passed, failed, skipped].map(String);
}

function row(law: string, name: string, counts: readonly string[]): string {
  return `  ${law.padStart(3)}  ${name.padEnd(WIDTH)}${counts.map((count) => count.padStart(9)).join("")}`;
}
