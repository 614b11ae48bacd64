import { readFileSync } from "node:fs";
import type { Case } from "../case.js";
import { allCases } from "../suite.js";
import { UsageError } from "./options.js";
import { fullName } from "./report.js";
import type { Tally } from "./tally.js";

/** Cases that are known to fail: lines as the command prints them, for all backends or with one in parentheses. */
export class ExpectedFailures {
  readonly #lines: readonly string[];

  /** Reads a file; without one nothing is expected to fail. Throws `UsageError`. */
  constructor(file?: string) {
    this.#lines = file === undefined ? [] : linesOf(file);
  }

  has(subject: string, one: Case): boolean {
    return this.#lines.some((line) => isAbout(line, subject, one));
  }

  /** Lines whose cases were run and did not fail, and lines that match no case of the suite. */
  stale(tallies: readonly Tally[]): readonly string[] {
    const run = tallies.flatMap(({ subject, outcomes }) => outcomes.map((one) => ({ subject, ...one })));
    const known = new Set(allCases.map(fullName));
    return this.#lines.filter((line) => {
      const own = run.filter((one) => isAbout(line, one.subject, one.case));
      if (own.length > 0) return own.every(({ outcome }) => outcome !== "failed");
      return ![...known].some((name) => line === name || line.startsWith(`${name} (`));
    });
  }
}

function linesOf(file: string): readonly string[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function isAbout(line: string, subject: string, one: Case): boolean {
  const name = fullName(one);
  return line === name || line === `${name} (${subject})`;
}
