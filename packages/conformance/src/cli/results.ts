import { readFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { type Law, laws } from "../case.js";
import { UsageError } from "./options.js";
import { type CaseOutcome, isOverdue, isSlow, type RunOutcome } from "./tally.js";

/** The outcome of every case of one run, as it is written to a file. */
export interface Results {
  readonly ringlineConformance: 1;
  /** Such as "Node 20.20.2". */
  readonly runtime: string;
  readonly system: string;
  /** The day, as in 2026-11-30. */
  readonly date: string;
  readonly backends: readonly {
    readonly name: string;
    readonly cases: readonly {
      readonly law: Law;
      readonly case: string;
      readonly outcome: Outcome;
      /** Milliseconds. */
      readonly time: number;
      readonly reason?: string;
    }[];
  }[];
}

type Outcome = "passed" | "slow" | "failed" | "overdue" | "skipped" | "expected failure";

export function results({ tallies }: RunOutcome): Results {
  return {
    ringlineConformance: 1,
    ...{ runtime: runtimeName(), system: `${platform()} ${arch()}`, date: new Date().toISOString().slice(0, 10) },
    backends: tallies.map(({ subject, outcomes }) => ({
      name: subject,
      cases: outcomes.map((one) => ({
        law: one.case.law,
        case: one.case.name,
        outcome: outcomeOf(one),
        time: Math.round(one.time),
        ...(one.outcome === "skipped" && { reason: one.reason }),
        ...(isSlow(one) && { reason: `${one.first.code} (${one.first.message})` }),
        ...(one.outcome === "failed" && { reason: `${one.failure.code} (${one.failure.message})` }),
      })),
    })),
  };
}

function outcomeOf(one: CaseOutcome): Outcome {
  if (one.outcome !== "failed") return isSlow(one) ? "slow" : one.outcome;
  if (one.isExpected) return "expected failure";
  return isOverdue(one) ? "overdue" : "failed";
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions as Partial<Record<string, string>>;
  return bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : `Node ${node}`;
}

/** Throws `UsageError`. */
export function readResults(file: string): Results {
  let read: Partial<Results> | null;
  try {
    read = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (read?.ringlineConformance !== 1 || !Array.isArray(read.backends)) {
    throw new UsageError(`${file} holds no results: --results writes them.`);
  }
  return read as Results;
}

const marks: Readonly<Record<Outcome, string>> = {
  passed: "✓",
  slow: "✓⏱",
  failed: "✗",
  overdue: "⏱",
  skipped: "–",
  "expected failure": "(✗)",
};

const hasPassed: ReadonlySet<Outcome> = new Set(["passed", "slow"]);

type Cases = Results["backends"][number]["cases"];

/** A page in Markdown: laws by backend and runtime, then each case. Later files replace what earlier ones say of the same backend and runtime. */
export function page(all: readonly Results[]): string {
  const columns = new Map<string, Cases>();
  for (const { backends, runtime } of all)
    for (const { name, cases } of backends) columns.set(`${name} on ${runtime}`, cases);
  const titles = [...columns.keys()];
  const row = (first: string, cells: readonly string[]) => `| ${first} | ${cells.join(" | ")} |`;
  const head = (first: string) => [
    row(first, titles),
    row(
      "---",
      titles.map(() => "---"),
    ),
  ];
  const own = (law: Law) => [...columns.values()].map((cases) => cases.filter((one) => one.law === law));
  const numbers = Object.keys(laws).map(Number) as Law[];
  const sections = numbers.flatMap((law) => {
    const outcomes = own(law).map((cases) => new Map(cases.map((one) => [one.case, marks[one.outcome]])));
    const names = [...new Set(own(law).flatMap((cases) => cases.map((one) => one.case)))];
    if (names.length === 0) return [];
    const rows = names.map((name) =>
      row(
        name.replaceAll("|", "\\|"),
        outcomes.map((marked) => marked.get(name) ?? ""),
      ),
    );
    return [`## Law ${law}: ${laws[law]}`, "", ...head("Case"), ...rows, ""];
  });
  const share = (cases: Cases) => `${cases.filter(({ outcome }) => hasPassed.has(outcome)).length} of ${cases.length}`;
  return [
    "# Conformance",
    "",
    ...head("Law"),
    ...numbers.map((law) =>
      row(
        `${law}. ${laws[law]}`,
        own(law).map((cases) => (cases.length === 0 ? "" : share(cases))),
      ),
    ),
    row("all", [...columns.values()].map(share)),
    "",
    "✓ passed, ✓⏱ passed when it was repeated by itself, ✗ failed, (✗) failed as expected, ⏱ ran out of time, – skipped",
    "",
    ...sections,
  ].join("\n");
}

/** An SVG of one line: how many passed, and green where nothing failed. */
export function badge(all: readonly Results[]): string {
  const outcomes = all.flatMap(({ backends }) => backends.flatMap(({ cases }) => cases.map(({ outcome }) => outcome)));
  const count = (...which: readonly Outcome[]) => outcomes.filter((outcome) => which.includes(outcome)).length;
  const failed = count("failed", "overdue");
  const [label, value] = ["ringline conformance", failed === 0 ? `${count(...hasPassed)} passed` : `${failed} failed`];
  const color = failed > 0 ? "#c33" : count(...hasPassed) > 0 ? "#2a2" : "#888";
  const [left, right] = [label, value].map((text) => Math.round(text.length * 6.6) + 12) as [number, number];
  const text = (at: number, what: string) => `<text x="${at}" y="14" fill="#fff" text-anchor="middle">${what}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}: ${value}">
  <rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${color}"/>
  <g font-family="Verdana, sans-serif" font-size="11">${text(left / 2, label)}${text(left + right / 2, value)}</g>
</svg>
`;
}
