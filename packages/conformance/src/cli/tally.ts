import type { Law } from "../case.js";
import type { CaseResult } from "../run-suite.js";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What became of the cases of one subject. */
export class Tally {
  readonly subject: string;
  readonly byLaw = new Map<Law, Counts>();
  readonly failures: Extract<CaseResult, { readonly outcome: "failed" }>[] = [];
  readonly skips: Extract<CaseResult, { readonly outcome: "skipped" }>[] = [];

  constructor(subject: string) {
    this.subject = subject;
  }

  add(result: CaseResult): void {
    const counts = this.byLaw.get(result.case.law) ?? { passed: 0, failed: 0, skipped: 0 };
    counts[result.outcome]++;
    this.byLaw.set(result.case.law, counts);
    if (result.outcome === "failed") this.failures.push(result);
    if (result.outcome === "skipped") this.skips.push(result);
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
