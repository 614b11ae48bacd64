import { show } from "../assert.js";
import { type Case, laws } from "../case.js";
import { type Counts, sum, type Tally } from "./tally.js";

const WIDTH = 32;

/** The cases of a subject as a table by law, then each failure and skip. */
export function table(tally: Tally): string {
  const rows = [...tally.byLaw].sort(([a], [b]) => a - b);
  const lines = [
    tally.subject,
    row("law", "", ["passed", "failed", "skipped"]),
    ...rows.map(([law, counts]) => row(String(law), laws[law], countsOf(counts))),
    row("", "all", countsOf(tally.total)),
    ...tally.skips.map(({ case: one, reason }) => `  skipped  ${fullName(one)}\n           ${reason}`),
  ];
  return `${lines.join("\n")}\n${failures(tally)}`;
}

export function failures(tally: Tally): string {
  return tally.failures
    .map(({ case: one, error }) => `  FAILED   ${fullName(one)}\n           ${show(error)}\n${cause(error)}`)
    .join("");
}

/** The last line. */
export function summary(tallies: readonly Tally[]): string {
  const { passed, failed, skipped } = sum(tallies.map(({ total }) => total));
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function json(tallies: readonly Tally[]): string {
  const backends = tallies.map(({ subject, total: { passed, failed }, skips }) => ({
    name: subject,
    passed,
    failed,
    skipped: skips.map(({ case: one, reason }) => ({ case: fullName(one), reason })),
  }));
  return JSON.stringify({ backends });
}

function cause({ cause }: Error): string {
  return cause === undefined ? "" : `           cause: ${show(cause)}\n`;
}

export function fullName({ law, name }: Case): string {
  return `law ${law}: ${name}`;
}

function countsOf({ passed, failed, skipped }: Counts): string[] {
  return [passed, failed, skipped].map(String);
}

function row(law: string, name: string, counts: readonly string[]): string {
  return `  ${law.padStart(3)}  ${name.padEnd(WIDTH)}${counts.map((count) => count.padStart(9)).join("")}`;
}
