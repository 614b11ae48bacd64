import type { KeptState } from "../durable/kept-state.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { StageAssignment } from "../seam/incarnation.js";
import type { Port } from "../seam/port.js";
import type { Routes } from "../seam/routes.js";

/** The part of a kernel in a flow, as the host has it. */
export interface StageContext {
  readonly stage: StageAssignment;
  /** The output of the stage. */
  readonly exit: Routes["output"];
  /** The same, by its output port: from where it runs elsewhere and need not wait for the host. */
  readonly port?: (port: Port) => Routes["output"];
  /** Durable state of the kernel, in a durable flow. */
  readonly state?: KeptState | undefined;
  /** The id of the flow. */
  readonly flow: string;
  /** Names of the next nodes; empty if the reader of the flow is next. */
  readonly next: readonly string[];
  /** The kernel of this id failed, and gets a new incarnation. */
  failed(kernelId: string): void;
  /** The kernel has failed for good. `buried`: resolves when what it leaves undone are dead letters. */
  failedForGood(error: AnyRinglineError, buried: Promise<void>): void;
}

/** Outputs of a stage are not for whoever asks for them. */
export function portLinked(kernelId: string, { flow, next }: StageContext): AnyRinglineError {
  const remedy = "It is a stage of a flow: receive from the flow.";
  return new errors.PORT_LINKED({ to: next.length === 0 ? [flow] : next }, { kernelId, remedy });
}
