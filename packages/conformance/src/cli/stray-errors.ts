import { setImmediate as turn } from "node:timers/promises";
import { CaseFailure, show } from "../assert.js";
import type { CaseResult } from "../run-suite.js";

/** Errors that nobody caught, while they are watched: the case during which they come has failed. */
export class StrayErrors {
  #seen: unknown[] = [];
  readonly #add = (error: unknown) => void this.#seen.push(error);

  constructor() {
    process.on("unhandledRejection", this.#add);
    process.on("uncaughtException", this.#add);
  }

  /** The result of a case, or its failure where something strayed. */
  async charge(result: CaseResult): Promise<CaseResult> {
    await turn(); // a rejection counts as unhandled after the microtasks
    const [first] = this.#seen;
    const isFirst = this.#seen.length > 0 && result.outcome !== "failed";
    this.#seen = [];
    if (!isFirst) return result;
    const error = new CaseFailure(`an error was caught by nobody: ${show(first)}`, { cause: first });
    return { subject: result.subject, case: result.case, time: result.time, outcome: "failed", error };
  }

  [Symbol.dispose](): void {
    process.off("unhandledRejection", this.#add);
    process.off("uncaughtException", this.#add);
  }
}
