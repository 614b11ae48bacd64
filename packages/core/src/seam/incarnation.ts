import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { Latency, TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { Port } from "./port.js";
import type { Reports, Routes } from "./routes.js";

/** What a place needs to run a kernel. */
export interface UnitSpec {
  readonly kernel: KernelDefinition;
  /** What its local names of peers stand for: name → id. */
  readonly peers: ReadonlyMap<string, string>;
  readonly input: Port;
  readonly routes: Routes;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly telemetry: TelemetryOptions | undefined;
  /** What `ctx.isActive` says at the beginning: a kernel that lives again may be active already. */
  readonly isActive: boolean;
}

/** How an incarnation ended: its body returned, it was stopped, or it failed. */
export type Exit =
  | { readonly kind: "returned" | "stopped" }
  | {
      readonly kind: "failed";
      readonly error: AnyRinglineError;
      /** It was lost with its place, by the fault of another kernel: its restart is not charged to its budget. */
      readonly isBlameless?: boolean;
    };

export interface IncarnationStats {
  readonly sent: number;
  readonly errors: number;
  /** At the message in hand, at least 1. */
  readonly attempts: number;
  readonly processing: Latency;
}

/** One life of a kernel between (re)starts. */
export interface Incarnation {
  /** Resolves once, when nothing of the body runs any more or the incarnation is abandoned; never rejects. */
  readonly exited: Promise<Exit>;
  /** What `ctx.isActive` says. Delivery is the port's gate. */
  setActive(active: boolean): Promise<void>;
  /**
   * "cooperative": the context asks the body to end, waiting calls end with `TERMINATED`. "abandon": the context is
   * revoked, so that nothing the body still does has an effect, and the incarnation counts as ended.
   */
  stop(mode: "cooperative" | "abandon"): Promise<void>;
  stats(): Promise<IncarnationStats>;
}
