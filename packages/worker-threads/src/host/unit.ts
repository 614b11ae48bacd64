import type { UnitSpec } from "@ringline/core/backend";
import type { HostOutlet } from "./host-outlet.js";
import type { RemoteIncarnation } from "./remote-incarnation.js";
import type { SharedPort } from "./shared-port.js";

/** A kernel in a thread, as the host knows it. */
export interface Unit {
  readonly spec: UnitSpec;
  readonly port: SharedPort;
  readonly incarnation: RemoteIncarnation;
  /** Word that counts the changes of the output's route; shared with the thread. */
  readonly route: Int32Array;
  /** The kernel's own output port, if its output goes there directly. */
  readonly own: HostOutlet | undefined;
}
