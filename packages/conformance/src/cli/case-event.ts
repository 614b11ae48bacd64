import type { CaseReport } from "./failure.js";

/**
 * Sent over IPC by the process that runs the cases; `at` numbers the cases: all of the first subject, then all of the
 * next.
 */
export type CaseEvent =
  | { readonly event: "loading"; readonly module: string }
  /** The module exports no subject: a mistake of the user. */
  | { readonly event: "refused"; readonly message: string }
  | { readonly event: "loaded"; readonly subjects: readonly string[]; readonly checksLeaks: boolean }
  | { readonly event: "begun"; readonly at: number }
  | { readonly event: "ended"; readonly at: number; readonly report: CaseReport; readonly time: number }
  /** An error that nobody caught, after the last case. */
  | { readonly event: "strayed"; readonly report: CaseReport }
  /** Code under test ends the process; `stack` leads to the call. */
  | { readonly event: "exiting"; readonly stack: string | undefined }
  | { readonly event: "finished" };

/** Distinguishes these events from messages that a backend sends to its parent process. */
const MARK = "ringline-conformance";

/** Resolves once the operating system has the event, as the process may end at any moment after that. */
export function sendEvent(event: CaseEvent): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.({ mark: MARK, event }, undefined, {}, () => resolve());
    else resolve();
  });
}

export function eventIn(message: unknown): CaseEvent | undefined {
  const { mark, event } = (message ?? {}) as { mark?: unknown; event?: CaseEvent };
  return mark === MARK ? event : undefined;
}
