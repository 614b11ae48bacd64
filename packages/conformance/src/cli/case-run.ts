import type { Case } from "../case.js";
import { limitOf } from "../run-case.js";
import type { CaseEvent } from "./case-event.js";
import type { ExpectedFailures } from "./expected-failures.js";
import type { CaseReport } from "./failure.js";
import { Interrupt } from "./interrupt.js";
import { type End, LimitedProcess } from "./limited-process.js";
import { UsageError } from "./options.js";
import { Progress } from "./progress.js";
import { failureText, fullName } from "./report.js";
import { Tally } from "./tally.js";

/** Milliseconds that a module may take to load, and that whatever else comes between two cases may take. */
const LIMIT = 20_000;
/** Processes that may be lost in a row, with no case between that ran to its end, before a subject is given up. */
const LOSSES = 3;

/**
 * One run of the command: starts the process of the cases, follows its events, and starts another one behind the case in which
 * it was lost. Cases are numbered: all of the first subject, then all of the next.
 */
export class CaseRun {
  readonly tallies: Tally[] = [];
  isInterrupted = false;
  /** Somebody else has ended it: `stop`. */
  isStopped = false;
  checksLeaks = true;
  readonly #cases: readonly Case[];
  readonly #start: (from: number) => LimitedProcess;
  readonly #expected: ExpectedFailures;
  readonly #print: (text: string) => void;
  readonly #progress: Progress;
  #child: LimitedProcess | undefined;
  /** The module that is being loaded, for errors. */
  #module = "the first module";
  #refusal: string | undefined;
  /** Leads to the call that ended the process. */
  #exit: string | undefined;
  /** The number of the first case without a result. */
  #next = 0;
  #losses = 0;
  #isFinished = false;

  /** `isText`: standard output is for what is printed meanwhile, and not for a summary alone. */
  constructor(
    entry: string,
    args: readonly string[],
    cases: readonly Case[],
    isText: boolean,
    expected: ExpectedFailures,
  ) {
    this.#cases = cases;
    this.#expected = expected;
    this.#start = (from) => new LimitedProcess(entry, args, from, !isText);
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

  /** Ends the run before its time. */
  stop(): void {
    this.isStopped = true;
    this.#child?.stop();
  }

  /** Resolves with itself once all cases have a result or are given up. Rejects with `UsageError` for a module that is no subject. */
  async run(): Promise<this> {
    using interrupt = new Interrupt(() => this.#child);
    const isOver = () => this.#isFinished || interrupt.isInterrupted || this.isStopped;
    while (!isOver()) {
      this.#exit = undefined;
      this.#child = this.#start(this.#next);
      const end = await this.#child.run(LIMIT, (event) => this.#handle(event));
      if (this.#refusal !== undefined) throw new UsageError(this.#refusal);
      if (!isOver()) this.#lose(end);
    }
    this.#progress.clear();
    this.isInterrupted = interrupt.isInterrupted;
    if (this.isInterrupted)
      for (const [subject, counter] of this.tallies.entries()) counter.notRun += this.#left(subject);
    return this;
  }

  /** Gives the milliseconds that the next event may take. */
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

  /** The process ended before it was finished: so did the case that ran. */
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
    this.#isFinished = this.#next >= this.tallies.length * this.#cases.length;
  }

  #add(at: number, report: CaseReport, time = 0): void {
    const tally = this.tallies[Math.floor(at / this.#cases.length)] as Tally;
    const one = this.#case(at);
    const isExpected = report.outcome === "failed" && this.#expected.has(tally.subject, one);
    tally.add({ ...report, case: one, time, isExpected });
    if (report.outcome === "failed" && !isExpected) this.#print(failureText(tally.subject, one, report.failure));
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
