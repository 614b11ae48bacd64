import { CaseFailure, CaseOverdue, fail, isOverdue, patience, rejects, show, sleep, within } from "./assert.js";
import type { Case } from "./case.js";
import { needing } from "./kernels/needing.js";
import { longestPatience } from "./patience.js";
import { leftBehind, type Probe } from "./probe.js";
import type { Subject } from "./subject.js";
import { Skip, Trial } from "./trial.js";

export interface CaseOptions {
  /** Without a probe, leaks are not checked. */
  readonly probe?: Probe | undefined;
  /** A skip that the manifest does not explain is a failure. Default false. */
  readonly strict?: boolean | undefined;
  /** Ends the case at once, as failed; what it created is disposed. */
  readonly signal?: AbortSignal | undefined;
}

/** Outcome of a case. */
export type Outcome =
  | { readonly outcome: "passed" }
  | { readonly outcome: "failed"; readonly error: Error }
  | { readonly outcome: "skipped"; readonly reason: string };

const DEFAULT_LIMIT = 10_000;
/** Milliseconds for all that follows the body of a case. */
const CLEANUP = 15_000;
/** Milliseconds after dispose within which the resources of a backend must be gone. */
const LINGER = 2000;

/** The longest that `runCase` takes, in milliseconds of an idle reference machine. */
export const limitOf = ({ limit = DEFAULT_LIMIT }: Case): number => limit + CLEANUP;

/** The longest that `runCase` takes on any machine, in milliseconds. */
export const longest = (one: Case): number => longestPatience(limitOf(one));

/** Runs one case on a fresh backend, disposes what it created, and checks that nothing is left. Never rejects. */
export async function runCase(
  subject: Subject,
  one: Case,
  { probe, strict = false, signal }: CaseOptions = {},
): Promise<Outcome> {
  const before = probe?.resources() ?? [];
  try {
    await runAndEnd(subject, one, signal);
    if (probe !== undefined) await checkLeaks(probe, before);
    return { outcome: "passed" };
  } catch (thrown) {
    if (thrown instanceof Skip) return skipped(thrown, strict);
    return { outcome: "failed", error: errorOf(thrown) };
  }
}

function errorOf(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new CaseFailure(`threw ${show(thrown)}`, { cause: thrown });
  if (thrown instanceof CaseFailure || !isOverdue(thrown)) return thrown;
  return new CaseOverdue(thrown.message, { cause: thrown });
}

async function runAndEnd(subject: Subject, one: Case, signal: AbortSignal | undefined): Promise<void> {
  const trial = new Trial(subject);
  using interruption = new Interruption(signal);
  let failure: { readonly error: unknown } | undefined;
  try {
    const run = Promise.race([body(one, trial), interruption.promise]);
    await within(one.limit ?? DEFAULT_LIMIT, run, `case "${one.name}"`);
  } catch (error) {
    failure = { error };
  }
  try {
    await trial.end();
  } catch (error) {
    failure ??= { error }; // what went wrong first says more
  }
  if (failure !== undefined) throw failure.error;
}

/** Rejects once a signal aborts. */
class Interruption {
  readonly promise: Promise<never>;
  readonly #signal: AbortSignal | undefined;
  #abort!: () => void;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.promise = new Promise((_, reject) => {
      this.#abort = () => reject(new CaseFailure("interrupted"));
    });
    if (signal?.aborted) this.#abort();
    signal?.addEventListener("abort", this.#abort);
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}

function body(one: Case, trial: Trial): Promise<void> {
  const { requires } = one;
  const lacking = requires === undefined ? [] : trial.lacking(requires);
  return requires === undefined || lacking.length === 0 ? one.run(trial) : refuses(trial, requires, lacking);
}

/** The other side of a capability: where it is lacking, kernels that need it are refused. */
async function refuses(trial: Trial, capability: string, places: readonly string[]): Promise<void> {
  const runtime = trial.runtime();
  for (const backend of places) {
    const launched = runtime.launch(needing(capability), { backend });
    const error = await rejects(launched, "UNSUPPORTED", `a kernel that needs ${capability} on ${backend}`);
    if (error.details.capability !== capability)
      fail(`UNSUPPORTED names ${error.details.capability}, not ${capability}`);
  }
  if (runtime.kernels.length > 0) fail("a kernel that was refused is in the list of kernels");
}

async function checkLeaks(probe: Probe, before: readonly string[]): Promise<void> {
  const start = performance.now();
  for (;;) {
    const left = leftBehind(before, probe.resources());
    if (left.length === 0) return;
    const lasted = performance.now() - start;
    if (lasted > LINGER && lasted > patience(LINGER)) fail(`left behind after dispose: ${left.join(", ")}`);
    await sleep(5);
  }
}

function skipped({ reason, isDeclared }: Skip, strict: boolean): Outcome {
  if (!strict || isDeclared) return { outcome: "skipped", reason };
  return { outcome: "failed", error: new CaseFailure(`skipped, which the manifest does not explain: ${reason}`) };
}
