import type { Backend } from "@ringline/core";

/** The backend under test. */
export interface Subject {
  readonly name: string;
  /**
   * A fresh backend, or several by name: then the suite's kernels are spread over them in turn, so that every case
   * runs across backends. Called for each runtime that a case creates.
   */
  create(): Backend | Readonly<Record<string, Backend>>;
  /**
   * Loses a place as a crash does: ends the thread, process or host that `runtime.inspect()` gives as the place of a
   * kernel. Resolves when it has ended. For backends whose manifest has the capability `losable`, and for no others.
   */
  lose?(place: string): void | Promise<void>;
}
