import { setImmediate as turn } from "node:timers/promises";
import { CaseFailure, show } from "../assert.js";
import { type CaseReport, failureOf } from "./failure.js";

/** Errors that nobody caught, while they are watched: the case during which they come has failed. */
export class StrayErrors {
  #seen: unknown[] = [];
  readonly #add = (error: unknown) => void this.#seen.push(error);

  constructor() {
    process.on("unhandledRejection", this.#add);
    process.on("uncaughtException", this.#add);
  }

  /** The report of a case, or its failure where something strayed. */
  async charge(report: CaseReport): Promise<CaseReport> {
    await turn(); // a rejection counts as unhandled after the microtasks
    const [first] = this.#seen;
    const isFirst = this.#seen.length > 0 && report.outcome !== "failed";
    this.#seen = [];
    if (!isFirst) return report;
    const error = new CaseFailure(`an error was caught by nobody: ${show(first)}`, { cause: first });
    const { stack } = failureOf(first); // where it was made says more
    return { outcome: "failed", failure: { ...failureOf(error), ...(stack !== undefined && { stack }) } };
  }

  [Symbol.dispose](): void {
    process.off("unhandledRejection", this.#add);
    process.off("uncaughtException", this.#add);
  }
}
