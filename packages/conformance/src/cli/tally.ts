import type { Case, Law } from "../case.js";
import type { CaseReport, Failure } from "./failure.js";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The outcomes of the cases on one subject. */
export class Tally {
  readonly subject: string;
  readonly byLaw = new Map<Law, Counts>();
  readonly failures: { readonly case: Case; readonly failure: Failure }[] = [];
  readonly skips: { readonly case: Case; readonly reason: string }[] = [];
  /** Cases that were not run: the command was interrupted, or gave the subject up. */
  notRun = 0;

  constructor(subject: string) {
    this.subject = subject;
  }

  add(one: Case, report: CaseReport): void {
    const counts = this.byLaw.get(one.law) ?? { passed: 0, failed: 0, skipped: 0 };
    counts[report.outcome]++;
    this.byLaw.set(one.law, counts);
    if (report.outcome === "failed") this.failures.push({ case: one, failure: report.failure });
    if (report.outcome === "skipped") this.skips.push({ case: one, reason: report.reason });
  }

  get total(): Counts {
    return sum([...this.byLaw.values()]);
  }
}

export function sum(all: readonly Counts[]): Counts {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of all) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}
