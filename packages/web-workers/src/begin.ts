import type { ThreadSetup } from "@ringline/remote";

/** First message to a worker. */
export interface Begin {
  readonly setup: ThreadSetup;
  /** Name of the Web Lock that the worker holds until its end. */
  readonly lock: string;
}

/** Message of a worker: it holds its lock, or what ended it. */
export type WorkerReport = "held" | { readonly fault: string };
