import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { PeerRoute, Reports } from "../seam/routes.js";
import type { TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { LinkTarget } from "./kernel-output.js";
import type { KernelState } from "./kernel-state.js";
import type { RuntimeEvents } from "./runtime-types.js";

/** The services of the runtime that a launched kernel uses. */
export interface KernelServices {
  readonly clock: Clock;
  readonly telemetry: TelemetryOptions | undefined;
  /** Throws `KERNEL_UNKNOWN`. */
  find(id: string): PeerRoute & LinkTarget;
  stateChanged(kernel: LinkTarget, from: KernelState): void;
  error(error: AnyRinglineError): void;
  stalled(kernelId: string, waitsOn: string): void;
  /** True for a kernel that is launched and was not activated yet. */
  isUnserved(id: string): boolean;
  /** Warns of outputs that nobody has ever tried to receive, when their port is closed. */
  unread(kernelId: string, outputs: number): void;
  restarts(kernelId: string, attempt: number, delay: number, error: AnyRinglineError | null): void;
  relocated(event: RuntimeEvents["relocated"]): void;
  tuned(event: RuntimeEvents["tuned"]): void;
  swapped(event: RuntimeEvents["swapped"]): void;
  scaled(event: RuntimeEvents["scaled"]): void;
  /**
   * Stores a message as a dead letter with the reason, and fails its requester. `stage`: the stage that failed; default
   * the error's.
   */
  deadLetter(
    kernelId: string,
    message: AnyMessage,
    error: AnyRinglineError,
    attempts: number,
    stage?: string | null,
  ): void;
  dropped(kernel: LinkTarget, message: AnyMessage): void;
  log: (kernelId: string, ...entry: Parameters<Reports["log"]>) => void;
}
