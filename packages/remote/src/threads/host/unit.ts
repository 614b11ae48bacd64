import type { UnitSpec } from "@ringline/core/backend";
import type { HostOutlet } from "./host-outlet.js";
import type { SharedPort } from "./shared-port.js";
import type { ThreadIncarnation } from "./thread-incarnation.js";

/** A kernel in a thread, as the host knows it. */
export interface Unit {
  readonly spec: UnitSpec;
  readonly port: SharedPort;
  readonly incarnation: ThreadIncarnation;
  /** The kernel's own output port, if its output goes there directly. */
  readonly own: HostOutlet | undefined;
}
