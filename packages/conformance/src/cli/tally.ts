import type { Case, Law } from "../case.js";
import type { CaseReport, Failure } from "./failure.js";

/**
 * `failed` includes `overdue`: cases that ran out of time. `passed` includes `slow`: cases that did so at first, and
 * passed when they were repeated. `expected`: cases that failed as they are known to.
 */
export interface Counts {
  readonly passed: number;
  readonly slow: number;
  readonly failed: number;
  readonly overdue: number;
  readonly skipped: number;
  readonly expected: number;
}

/** A case that was run; `time` in milliseconds. `first`: how it ran out of time before it was repeated. */
export type CaseOutcome = CaseReport & {
  readonly case: Case;
  readonly time: number;
  readonly isExpected: boolean;
  readonly first?: Failure | undefined;
};
export type SlowCase = CaseOutcome & { readonly first: Failure };
export type FailedCase = CaseOutcome & { readonly outcome: "failed"; readonly failure: Failure };

/** The outcomes of the cases on one subject, in the order in which they ran. */
export class Tally {
  readonly subject: string;
  readonly outcomes: CaseOutcome[] = [];
  /** Number of cases that were not run: the command was interrupted, or gave up the subject. */
  notRun = 0;

  constructor(subject: string) {
    this.subject = subject;
  }

  /** Replaces a better outcome of the same case, and one of a case that is repeated: `first`. */
  add(outcome: CaseOutcome): void {
    const at = this.outcomes.findIndex((one) => one.case === outcome.case);
    const old = this.outcomes[at];
    if (old === undefined) this.outcomes.push(outcome);
    else if (old.outcome !== "failed" || old.first !== outcome.first) this.outcomes[at] = outcome;
  }

  /** Sorted by law. */
  get byLaw(): ReadonlyMap<Law, Counts> {
    const laws = [...new Set(this.outcomes.map((one) => one.case.law))].sort((a, b) => a - b);
    return new Map(laws.map((law) => [law, countsOf(this.outcomes.filter((one) => one.case.law === law))]));
  }

  get total(): Counts {
    return countsOf(this.outcomes);
  }

  /** Without those that were expected. */
  get failures(): readonly FailedCase[] {
    return this.outcomes.filter((one): one is FailedCase => one.outcome === "failed" && !one.isExpected);
  }

  get slow(): readonly SlowCase[] {
    return this.outcomes.filter(isSlow);
  }

  get skips(): readonly (CaseOutcome & { readonly reason: string })[] {
    return this.outcomes.filter((one) => one.outcome === "skipped");
  }
}

/** A run of the command, as its summaries read it. */
export interface RunOutcome {
  readonly tallies: readonly Tally[];
  /** Expected failures that did not occur. */
  readonly stale: readonly string[];
  readonly isInterrupted: boolean;
  readonly checksLeaks: boolean;
}

export const isOverdue = (report: CaseReport): boolean =>
  report.outcome === "failed" && report.failure.code === "CASE_OVERDUE";

export const isSlow = (one: CaseOutcome): one is SlowCase => one.outcome === "passed" && one.first !== undefined;

export function countsOf(outcomes: readonly CaseOutcome[]): Counts {
  const count = (is: (one: CaseOutcome) => boolean) => outcomes.filter(is).length;
  return {
    passed: count(({ outcome }) => outcome === "passed"),
    slow: count(isSlow),
    failed: count(({ outcome, isExpected }) => outcome === "failed" && !isExpected),
    overdue: count((one) => isOverdue(one) && !one.isExpected),
    skipped: count(({ outcome }) => outcome === "skipped"),
    expected: count(({ outcome, isExpected }) => outcome === "failed" && isExpected),
  };
}
