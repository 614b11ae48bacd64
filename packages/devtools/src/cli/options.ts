/** The options of the command, as given. */
export interface Options {
  readonly kernel?: string;
  readonly reason?: string;
  readonly most?: string;
  readonly all?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly mermaid?: boolean;
  readonly dot?: boolean;
  readonly help?: boolean;
}

/** A mistake of the caller. */
export class UsageError extends Error {}
