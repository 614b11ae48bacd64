import type { Case, Law } from "./case.js";
import { type CaseOptions, type Outcome, runCase } from "./run-case.js";
import type { Subject } from "./subject.js";
import { allCases } from "./suite.js";

/** Selection of cases. */
export interface Selection {
  /** Of this law, or of any of these. */
  readonly law?: Law | readonly Law[] | undefined;
  /** Only cases with this text, or any of these, in their name; upper and lower case are alike. */
  readonly only?: string | readonly string[] | undefined;
  /** Default: the whole suite. */
  readonly cases?: readonly Case[] | undefined;
}

export interface SuiteOptions extends Selection, CaseOptions {
  /** Ends the case that runs, which then has no result, disposes what it created, and starts no further one. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each case, which begins when what it returns has resolved. */
  readonly onCase?: ((one: Case) => void | Promise<void>) | undefined;
}

export type CaseResult = Outcome & {
  readonly subject: string;
  readonly case: Case;
  /** Milliseconds. */
  readonly time: number;
};

export function selectCases({ law, only, cases = allCases }: Selection = {}): readonly Case[] {
  const laws = law === undefined ? undefined : [law].flat();
  const texts = only === undefined ? [""] : [only].flat().map((text) => text.toLowerCase());
  return cases.filter((one) => {
    const name = one.name.toLowerCase();
    return (laws?.includes(one.law) ?? true) && texts.some((text) => name.includes(text));
  });
}

/** Runs cases on a subject, one after the other, and yields each result as it comes. */
export async function* runSuite(
  subject: Subject,
  { onCase, ...options }: SuiteOptions = {},
): AsyncGenerator<CaseResult, void, void> {
  for (const one of selectCases(options)) {
    if (options.signal?.aborted) return;
    await onCase?.(one);
    const start = performance.now();
    const outcome = await runCase(subject, one, options);
    if (options.signal?.aborted) return;
    yield { ...outcome, subject: subject.name, case: one, time: performance.now() - start };
  }
}
