import type { KeptState } from "../durable/state-log.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { StageAssignment } from "../seam/incarnation.js";
import type { Port } from "../seam/port.js";
import type { Routes } from "../seam/routes.js";

/** The stage assignment of a kernel in a flow, on the host. */
export interface StageContext {
  readonly stage: StageAssignment;
  /** Route of the stage's outputs. */
  readonly exit: Routes["output"];
  /** Route of the stage's outputs by its output port, if the kernel runs elsewhere and need not wait for the host. */
  readonly port?: (port: Port) => Routes["output"];
  /** Durable state of the kernel, in a durable flow. */
  readonly state?: KeptState | undefined;
  /** The id of the flow. */
  readonly flow: string;
  /** Names of the next nodes; empty if the reader of the flow is next. */
  readonly next: readonly string[];
  /** Reports that the kernel of this id failed and gets a new incarnation. */
  failed(kernelId: string): void;
  /** Reports that the kernel has failed for good. `buried`: resolves when its unprocessed messages are dead letters. */
  failedForGood(error: AnyRinglineError, buried: Promise<void>): void;
}

/** The error of receiving from a stage: its outputs go to the next nodes. */
export function portLinked(kernelId: string, { flow, next }: StageContext): AnyRinglineError {
  const remedy = "It is a stage of a flow: receive from the flow.";
  return new errors.PORT_LINKED({ to: next.length === 0 ? [flow] : next }, { kernelId, remedy });
}
