import type { KernelDefinition } from "../kernels/kernel.js";
import type { Backend } from "../seam/backend.js";
import type { Keep } from "../seam/keeper.js";
import type { TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";

/** The options of a runtime once they are checked. */
export interface RuntimeSettings {
  readonly backends: ReadonlyMap<string, Backend>;
  /** The backend of kernels that name none. */
  readonly home: string;
  readonly kernels: ReadonlyMap<string, KernelDefinition>;
  readonly telemetry: TelemetryOptions | undefined;
  readonly deadLetterLimit: number;
  readonly clock: Clock;
  /** Keeper of durable flows. */
  readonly keep: Keep | undefined;
}
