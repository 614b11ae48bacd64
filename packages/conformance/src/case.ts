import type { Trial } from "./trial.js";

/** The laws of Ringline; each is a group of cases. */
export const laws = {
  1: "Nothing is lost silently",
  2: "Nothing hangs",
  3: "Order",
  4: "Backpressure is real",
  5: "Lifecycle",
  6: "Errors are visible",
  7: "Telemetry tells the truth",
  8: "One program, every place",
  9: "Supervision",
  10: "A clean end",
  11: "A fault stays where it is",
  12: "Streams keep their rules",
} as const;

export type Law = keyof typeof laws;

/** One requirement on a backend. Cases are data, which any test runner or the command can run. */
export interface Case {
  readonly law: Law;
  /** Unique within its law. */
  readonly name: string;
  /**
   * A capability of the manifest that `run` needs. Where the manifest lacks it, the case checks instead that a kernel
   * which needs it is refused with `UNSUPPORTED`.
   */
  readonly requires?: string;
  /** Milliseconds that the case may take, without its clean-up. Default 10,000. */
  readonly limit?: number;
  /** Fails by rejecting. Runtimes come from the trial, which disposes them and checks their accounts. */
  run(trial: Trial): Promise<void>;
}
