import type { DirectTargets, StageAssignment } from "@ringline/core/internal";
import type { InboxSpec } from "../account/inbox.js";
import type { PackedValue } from "../codec/packed.js";
import type { LinkMemory } from "../endpoint/link.js";

/** Data for a link to another thread. */
export interface LinkSetup {
  readonly index: number;
  readonly memory: LinkMemory;
  /** One end of a channel, as the platform transfers it. */
  readonly port: object;
}

/** Data with which a thread is started. */
export interface ThreadSetup {
  readonly index: number;
  /** Number under which the thread's references to buffers are counted. */
  readonly placeNumber: number;
  /** The random part of the ids of the thread's messages. */
  readonly randomId: Uint8Array;
  readonly bell: SharedArrayBuffer;
  /** Control words of the thread's log to itself. */
  readonly self: SharedArrayBuffer;
  /** Link to the host, which announces other links. */
  readonly host: LinkSetup;
}

/** Data for a port whose home is to be a thread. */
export interface PortSetup extends InboxSpec {
  readonly memory: SharedArrayBuffer;
  /** Latencies recorded by earlier homes. */
  readonly latencies: SharedArrayBuffer | undefined;
}

/** Data for a port that a thread may send to directly, without the host. */
export interface TargetSetup {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly limit: number;
  readonly isTimed: boolean;
  readonly isFifo: boolean;
}

/** Memory that an incarnation shares with the host: see `UnitMemory`. */
export interface UnitMemorySetup {
  readonly unit: number;
  readonly memory: SharedArrayBuffer;
}

/** `DirectTargets` with ports as ids. */
export interface DirectTargetSetup {
  readonly targets: readonly { readonly port: number; readonly node: number }[];
  readonly by: DirectTargets["by"];
}

/** Targets that messages may be sent to directly, until the route changes. */
export interface Direct {
  readonly port: number | undefined;
  /** For an output: the number of changes of its route so far. */
  readonly epoch: number;
  /** For a stage of a flow: the ports of the next stage and how messages are distributed among them. */
  readonly directTargets?: DirectTargetSetup | undefined;
}

/** Data with which an incarnation is started in its thread. */
export interface UnitSetup {
  readonly unit: number;
  /** Id of the kernel's input port. */
  readonly port: number;
  readonly id: string;
  readonly definedAs: string;
  readonly module: string | undefined;
  readonly supervise: unknown;
  /** Missing: the `onError` of the module applies. */
  readonly onError?: unknown;
  readonly peers: readonly (readonly [string, string])[];
  readonly telemetry: { readonly window: number } | undefined;
  readonly direct: Direct;
  readonly isActive: boolean;
  readonly restored: PackedValue | undefined;
  readonly assignment: StageAssignment | undefined;
  /** Number of the memory (sent over the wire) that counts its flow's inputs. */
  readonly counts: number | undefined;
  /** True if messages at its node are counted in shared memory alone. */
  readonly isCounted: boolean;
}
