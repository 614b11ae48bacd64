import type { Case, Law } from "./case.js";
import { type CaseOptions, type Outcome, runCase } from "./run-case.js";
import type { Subject } from "./subject.js";
import { allCases } from "./suite.js";

/** Which cases. */
export interface Selection {
  readonly law?: Law | undefined;
  /** Those with this text in their name, in any case of letters. */
  readonly only?: string | undefined;
  /** Default: the whole suite. */
  readonly cases?: readonly Case[] | undefined;
}

export interface SuiteOptions extends Selection, CaseOptions {
  /** Starts no further case. */
  readonly signal?: AbortSignal | undefined;
}

export type CaseResult = Outcome & {
  readonly subject: string;
  readonly case: Case;
  /** Milliseconds. */
  readonly time: number;
};

export function selectCases({ law, only, cases = allCases }: Selection = {}): readonly Case[] {
  const wanted = only?.toLowerCase() ?? "";
  return cases.filter((one) => (law === undefined || one.law === law) && one.name.toLowerCase().includes(wanted));
}

/** Runs cases on a subject, one after the other, and yields each result as it comes. */
export async function* runSuite(
  subject: Subject,
  { signal, ...options }: SuiteOptions = {},
): AsyncGenerator<CaseResult, void, void> {
  for (const one of selectCases(options)) {
    if (signal?.aborted) return;
    const start = performance.now();
    const outcome = await runCase(subject, one, options);
    yield { ...outcome, subject: subject.name, case: one, time: performance.now() - start };
  }
}
