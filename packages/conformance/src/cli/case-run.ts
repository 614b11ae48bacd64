import type { Case } from "../case.js";
import { limitOf } from "../run-case.js";
import type { CaseRange } from "./case-environment.js";
import type { CaseEvent } from "./case-event.js";
import type { ExpectedFailures } from "./expected-failures.js";
import type { CaseReport, Failure } from "./failure.js";
import { Interrupt } from "./interrupt.js";
import { type End, LimitedProcess } from "./limited-process.js";
import { UsageError } from "./options.js";
import { Progress } from "./progress.js";
import { failureText, fullName, slowCaseText } from "./report.js";
import { isOverdue, isSlow, Tally } from "./tally.js";

/** Milliseconds that the loading of a module, and any other step between two cases, may take. */
const LIMIT = 20_000;
/**
 * Number of processes that may be lost in a row, without a finished case between them, before a subject is given up.
 */
const LOSSES = 3;
/** Cases that may run out of time in a row when they are repeated, before no further one is repeated. */
const VAIN_REPEATS = 3;

/** A case that ran out of time: its number and its report. */
interface Overdue {
  readonly at: number;
  readonly first: Failure;
}

/**
 * One run of the command: starts the process of the cases, follows its events, and starts another one behind the case
 * in which it was lost. Cases that ran out of time are repeated at the end, each in a process of its own. Cases are
 * numbered: all of the first subject, then all of the next.
 */
export class CaseRun {
  readonly tallies: Tally[] = [];
  isInterrupted = false;
  /** True once `stop` was called. */
  isStopped = false;
  checksLeaks = true;
  readonly #cases: readonly Case[];
  readonly #start: (range: CaseRange) => LimitedProcess;
  readonly #expected: ExpectedFailures;
  readonly #print: (text: string) => void;
  readonly #progress: Progress;
  #child: LimitedProcess | undefined;
  /** The module that is being loaded, for errors. */
  #module = "the first module";
  #refusal: string | undefined;
  /** Stack trace of the call that ended the process. */
  #exit: string | undefined;
  /** The number of the first case without a result. */
  #next = 0;
  /** Undefined while no case is repeated. */
  #repeated: Overdue | undefined;
  #losses = 0;
  #isFinished = false;

  /** `isText`: standard output gets the progress, too, not a summary alone. */
  constructor(
    entry: string,
    args: readonly string[],
    cases: readonly Case[],
    isText: boolean,
    expected: ExpectedFailures,
  ) {
    this.#cases = cases;
    this.#expected = expected;
    this.#start = (range) => new LimitedProcess(entry, args, range, !isText);
    this.#progress = new Progress(isText);
    this.#print = (text) => {
      this.#progress.clear();
      if (isText) console.log(text);
      else console.error(text);
    };
  }

  /** Expected failures that did not occur. */
  get stale(): readonly string[] {
    return this.isInterrupted ? [] : this.#expected.stale(this.tallies);
  }

  /** Ends the run early. */
  stop(): void {
    this.isStopped = true;
    this.#child?.stop();
  }

  /**
   * Resolves with itself once all cases have a result or are given up. Rejects with `UsageError` for a module that is
   * no subject.
   */
  async run(): Promise<this> {
    using interrupt = new Interrupt(() => this.#child);
    const isStopped = () => interrupt.isInterrupted || this.isStopped;
    await this.#runToEnd(isStopped);
    if (isStopped()) for (const [subject, counter] of this.tallies.entries()) counter.notRun += this.#left(subject);
    await this.#repeatOverdue(isStopped);
    this.#progress.clear();
    this.isInterrupted = interrupt.isInterrupted;
    return this;
  }

  async #runToEnd(isStopped: () => boolean): Promise<void> {
    this.#losses = 0;
    this.#isFinished = false;
    while (!this.#isFinished && !isStopped()) {
      this.#exit = undefined;
      this.#child = this.#start({ from: this.#next, end: this.#end });
      const end = await this.#child.run(LIMIT, (event) => this.#handle(event));
      if (this.#refusal !== undefined) throw new UsageError(this.#refusal);
      if (!this.#isFinished && !isStopped()) this.#lose(end);
    }
  }

  /**
   * A case that ran out of time may have shared the machine with the cases around it. A wrong result is never repeated.
   */
  async #repeatOverdue(isStopped: () => boolean): Promise<void> {
    let vain = 0;
    for (const one of this.#overdue()) {
      if (isStopped() || vain === VAIN_REPEATS) return;
      this.#repeated = one;
      this.#next = one.at;
      await this.#runToEnd(isStopped);
      vain = this.#overdue().some(({ at }) => at === one.at) ? vain + 1 : 0;
    }
  }

  #overdue(): readonly Overdue[] {
    return this.tallies.flatMap((tally, subject) =>
      tally.failures
        .filter(isOverdue)
        .map((one) => ({ at: subject * this.#cases.length + this.#cases.indexOf(one.case), first: one.failure })),
    );
  }

  /** The number after that of the last case to run; undefined until the subjects are known. */
  get #end(): number {
    if (this.#repeated !== undefined) return this.#repeated.at + 1;
    return this.tallies.length * this.#cases.length || Number.POSITIVE_INFINITY;
  }

  /** Returns the milliseconds that the next event may take. */
  #handle(event: CaseEvent): number {
    switch (event.event) {
      case "loading":
        this.#module = event.module;
        break;
      case "refused":
        this.#refusal = event.message;
        break;
      case "loaded":
        this.checksLeaks = event.checksLeaks;
        if (this.tallies.length === 0) this.tallies.push(...event.subjects.map((name) => new Tally(name)));
        break;
      case "begun":
        this.#progress.show(event.at, this.tallies.length * this.#cases.length, fullName(this.#case(event.at)));
        return limitOf(this.#case(event.at));
      case "ended":
        this.#losses = 0;
        this.#add(event.at, event.report, event.time);
        this.#next = event.at + 1;
        break;
      case "strayed":
        this.#add(this.#next - 1, event.report);
        break;
      case "exiting":
        this.#exit = event.stack;
        break;
      case "finished":
        this.#isFinished = true;
    }
    return LIMIT;
  }

  /** Handles the end of an unfinished process: the case that ran is lost, too. */
  #lose(end: End): void {
    if (this.tallies.length === 0) throw new UsageError(`${this.#module} cannot be loaded: ${lossOf(end)}.`);
    const subject = Math.floor(this.#next / this.#cases.length);
    const code = end.overdue === undefined ? "PROCESS_ENDED" : "CASE_OVERDUE";
    this.#add(this.#next++, { outcome: "failed", failure: { code, message: lossOf(end), stack: this.#exit } });
    if (++this.#losses === LOSSES) {
      const left = this.#left(subject);
      (this.tallies[subject] as Tally).notRun = left;
      this.#next += left;
      this.#losses = 0;
      if (left > 0)
        this.#print(`  Given up after ${LOSSES} cases in a row that did not end by themselves: ${left} not run`);
    }
    this.#isFinished = this.#next >= this.#end;
  }

  #add(at: number, report: CaseReport, time = 0): void {
    const tally = this.tallies[Math.floor(at / this.#cases.length)] as Tally;
    const one = this.#case(at);
    const isExpected = report.outcome === "failed" && this.#expected.has(tally.subject, one);
    const outcome = { ...report, case: one, time, isExpected, first: this.#repeated?.first };
    tally.add(outcome);
    if (report.outcome === "failed" && !isExpected) this.#print(failureText(tally.subject, one, report.failure));
    if (isSlow(outcome)) this.#print(slowCaseText(tally.subject, outcome));
  }

  #case(at: number): Case {
    return this.#cases[at % this.#cases.length] as Case;
  }

  /** The cases of a subject that have no result. */
  #left(subject: number): number {
    const first = subject * this.#cases.length;
    return Math.max(0, first + this.#cases.length - Math.max(this.#next, first));
  }
}

function lossOf({ code, signal, overdue }: End): string {
  if (overdue !== undefined)
    return `no end within ${Math.round(overdue / 1000)} s: it computes for ever, and its process was ended`;
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  return `the process ended ${how}, before its time: by process.exit, a signal or an error that nothing survives`;
}
