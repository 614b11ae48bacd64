import type { UnitSpec } from "@ringline/core/backend";
import type { HostOutlet } from "./host-outlet.js";
import type { RemoteIncarnation } from "./remote-incarnation.js";
import type { SharedPort } from "./shared-port.js";

/** A kernel that runs in a thread. */
export interface Unit {
  readonly spec: UnitSpec;
  readonly port: SharedPort;
  readonly incarnation: RemoteIncarnation;
  /** Counts how often the route of its output has changed; shared with its thread. */
  readonly route: Int32Array;
  /** Output port of its own, if it has sent there directly. */
  readonly own: HostOutlet | undefined;
}
