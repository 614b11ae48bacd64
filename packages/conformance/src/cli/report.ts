import { type Case, laws } from "../case.js";
import type { Failure } from "./failure.js";
import { type Counts, countsOf, type RunOutcome, type SlowCase, type Tally } from "./tally.js";

const WIDTH = 32;
const FRAMES = 6;

/** The cases of a subject as a table by law, then each slow one and each skip. */
export function table(tally: Tally): string {
  const lines = [
    tally.subject,
    row("law", "", ["passed", "failed", "skipped"]),
    ...[...tally.byLaw].map(([law, counts]) => row(String(law), laws[law], columnsOf(counts))),
    row("", "all", columnsOf(tally.total)),
    ...tally.slow.map((one) => `  slow     ${fullName(one.case)}\n           ${slowText(one)}`),
    ...tally.skips.map(({ case: one, reason }) => `  skipped  ${fullName(one)}\n           ${reason}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** A failure as it is printed when it occurs: the case, the error, its cause and the top of its stack; what nobody caught. */
export function failureText(subject: string, one: Case, { code, message, cause, stack, uncaught }: Failure): string {
  const lines = [
    `${code} (${message})`,
    ...(cause === undefined ? [] : [`cause: ${cause}`]),
    ...framesOf(stack),
    ...(uncaught === undefined ? [] : [`caught by nobody: ${firstLine(uncaught)}`, ...framesOf(uncaught)]),
  ];
  const title = code === "CASE_OVERDUE" ? "OVERDUE " : "FAILED  ";
  return [`  ${title} ${fullName(one)} (${subject})`, ...lines.map((line) => `           ${line}`)].join("\n");
}

const firstLine = (text: string): string => text.split("\n", 1)[0] as string;

function framesOf(stack = ""): readonly string[] {
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, FRAMES).map((line) => line.trim());
}

/** A slow case as it is printed when its repetition has passed. */
export function slowCaseText(subject: string, one: SlowCase): string {
  return `  SLOW      ${fullName(one.case)} (${subject})\n           ${slowText(one)}`;
}

export function slowText({ first, time }: SlowCase): string {
  return `passed in ${Math.round(time)} ms when it was repeated by itself; before: ${first.code} (${first.message})`;
}

/** The last line. */
export function summary(tallies: readonly Tally[]): string {
  const { passed, slow, failed, skipped, expected } = countsOf(tallies.flatMap(({ outcomes }) => outcomes));
  const notRun = tallies.reduce((total, { notRun }) => total + notRun, 0);
  const more = [
    ...(slow > 0 ? [`${slow} of those that passed slow`] : []),
    ...(expected > 0 ? [`${expected} failed as expected`] : []),
    ...(notRun > 0 ? [`${notRun} not run`] : []),
  ];
  return [`${passed} passed, ${failed} failed, ${skipped} skipped`, ...more].join(", ");
}

/** Lines about the run as a whole: unchecked leaks, stale expectations, cases that ran out of time. */
export function remarks({ tallies, stale, checksLeaks }: RunOutcome): readonly string[] {
  const { failed, overdue } = countsOf(tallies.flatMap(({ outcomes }) => outcomes));
  return [
    ...(checksLeaks ? [] : ["Leaks are unchecked: this runtime does not tell what keeps it alive."]),
    ...stale.map((line) => `STALE    ${line}: an expected failure that did not occur`),
    ...(overdue > 0 ? [`${overdue} of ${failed} failures ran out of time: try --patience 4`] : []),
  ];
}

export function json({ tallies, stale, isInterrupted, checksLeaks }: RunOutcome): string {
  const backends = tallies.map((tally) => ({
    name: tally.subject,
    ...tally.total,
    skipped: tally.skips.map(({ case: one, reason }) => ({ law: one.law, case: one.name, reason })),
    notRun: tally.notRun,
    slow: tally.slow.map(({ case: one, first, time }) => ({ law: one.law, case: one.name, ...first, time })),
    failures: tally.failures.map(({ case: one, failure }) => ({ law: one.law, case: one.name, ...failure })),
  }));
  return JSON.stringify({ interrupted: isInterrupted, leaks: checksLeaks ? "checked" : "unchecked", stale, backends });
}

export function list(cases: readonly Case[], asJson: boolean): string {
  if (!asJson) return cases.map(fullName).join("\n");
  return JSON.stringify(cases.map(({ law, name, requires }) => ({ law, case: name, ...(requires && { requires }) })));
}

export function fullName({ law, name }: Case): string {
  return `law ${law}: ${name}`;
}

function columnsOf({ passed, failed, skipped }: Counts): string[] {
  return [passed, failed, skipped].map(String);
}

function row(law: string, name: string, counts: readonly string[]): string {
  return `  ${law.padStart(3)}  ${name.padEnd(WIDTH)}${counts.map((count) => count.padStart(9)).join("")}`;
}
