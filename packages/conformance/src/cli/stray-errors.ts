import { setImmediate as turn } from "node:timers/promises";
import { CaseFailure, show } from "../assert.js";
import { type CaseReport, failureOf } from "./failure.js";

/**
 * Watches for uncaught errors: the case during which one occurs has failed. After an interruption none counts, as the case
 * that was interrupted leaves sends and requests behind that nobody awaits any more.
 */
export class StrayErrors {
  #seen: unknown[] = [];
  readonly #add: (error: unknown) => void;

  constructor(interruption: AbortSignal) {
    this.#add = (error) => void (interruption.aborted || this.#seen.push(error));
    process.on("unhandledRejection", this.#add);
    process.on("uncaughtException", this.#add);
  }

  /** Returns the report of a case with the uncaught errors: often the reason for its failure, otherwise a failure itself. */
  async charge(report: CaseReport): Promise<CaseReport> {
    await turn(); // a rejection counts as unhandled after the microtasks
    const seen = this.#seen;
    this.#seen = [];
    if (seen.length === 0) return report;
    const { stack = show(seen[0]) } = failureOf(seen[0]);
    if (report.outcome === "failed") {
      const { code, ...failure } = report.failure;
      const isLate = code === "CASE_OVERDUE"; // for a reason: it is not repeated
      return { ...report, failure: { ...failure, code: isLate ? "CASE_FAILED" : code, uncaught: stack } };
    }
    const error = new CaseFailure(`an error was caught by nobody: ${show(seen[0])}`, { cause: seen[0] });
    return { outcome: "failed", failure: { ...failureOf(error), stack } }; // the stack of its creation is more helpful
  }

  [Symbol.dispose](): void {
    process.off("unhandledRejection", this.#add);
    process.off("uncaughtException", this.#add);
  }
}
