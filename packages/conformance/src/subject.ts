import type { Backend } from "@ringline/core";

/** The backend under test. */
export interface Subject {
  readonly name: string;
  /**
   * A fresh backend, or several by name: then the suite's kernels are spread over them in turn, so that every case
   * runs across backends. Called for each runtime that a case creates.
   */
  create(): Backend | Readonly<Record<string, Backend>>;
}
