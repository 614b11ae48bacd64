import { show } from "../assert.js";

/** An error as data, so that it can leave the process in which it was thrown. */
export interface Failure {
  /** The `code` of the error; its name where it has none. */
  readonly code: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: string | undefined;
  /** Stack of the first error that nobody caught while the case ran. */
  readonly uncaught?: string | undefined;
}

/** The outcome of a case as data. */
export type CaseReport =
  | { readonly outcome: "passed" }
  | { readonly outcome: "failed"; readonly failure: Failure }
  | { readonly outcome: "skipped"; readonly reason: string };

/** Describes anything that was thrown, also null, a frozen object or one whose fields throw. Never throws. */
export function failureOf(thrown: unknown): Failure {
  try {
    if (thrown instanceof Error) {
      const { code, name, stack, cause } = thrown as Error & { readonly code?: unknown };
      return {
        code: typeof code === "string" ? code : `${name}`,
        message: `${thrown.message}`,
        stack: typeof stack === "string" ? stack : undefined,
        cause: cause === undefined ? undefined : show(cause),
      };
    }
  } catch {
    // described below
  }
  return { code: "THROWN", message: show(thrown) };
}
