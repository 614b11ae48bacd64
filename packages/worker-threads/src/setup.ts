import type { MessagePort } from "node:worker_threads";
import type { DirectTargets, StageAssignment } from "@ringline/core/internal";
import type { InboxSpec, LinkMemory, PackedValue } from "@ringline/remote";

/** Data for a link to another thread. */
export interface LinkSetup {
  readonly index: number;
  readonly memory: LinkMemory;
  readonly port: MessagePort;
}

/** Data with which a thread is started. */
export interface ThreadSetup {
  readonly index: number;
  /** By which its references to buffers are counted. */
  readonly placeNumber: number;
  readonly bell: SharedArrayBuffer;
  /** Of its log to itself. */
  readonly self: SharedArrayBuffer;
  /** Links to other threads come by it. */
  readonly host: LinkSetup;
}

/** A port that is to be at home in a thread. */
export interface PortSetup extends InboxSpec {
  readonly memory: SharedArrayBuffer;
  /** Latencies of its earlier homes. */
  readonly latencies: SharedArrayBuffer | undefined;
}

/** A port to which a thread may send past the host. */
export interface TargetSetup {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly limit: number;
  readonly isTimed: boolean;
  readonly isFifo: boolean;
}

/** Route of an incarnation's output, shared with the host: a word that counts how often it has changed. */
export interface RouteSetup {
  readonly unit: number;
  readonly memory: SharedArrayBuffer;
}

/** The same as `DirectTargets`, with ports by their ids. */
export interface DirectTargetSetup {
  readonly targets: readonly { readonly port: number; readonly node: number }[];
  readonly by: DirectTargets["by"];
}

/** The port to which messages may go past the host, until the route changes. */
export interface Direct {
  readonly port: number | undefined;
  /** Of an output: how often its route had changed. */
  readonly epoch: number;
  /** Of a stage of a flow: the ports of the next one, by which it is shared among them. */
  readonly directTargets?: DirectTargetSetup | undefined;
}

/** Data with which an incarnation is started in its thread. */
export interface UnitSetup {
  readonly unit: number;
  /** The port of its input. */
  readonly port: number;
  readonly id: string;
  readonly definedAs: string;
  readonly module: string | undefined;
  readonly supervise: unknown;
  /** Left out: as its module says. */
  readonly onError?: unknown;
  readonly peers: readonly (readonly [string, string])[];
  readonly telemetry: { readonly window: number } | undefined;
  readonly direct: Direct;
  readonly isActive: boolean;
  readonly restored: PackedValue | undefined;
  readonly assignment: StageAssignment | undefined;
  /** The memory that counts the inputs of its flow; it came by the wire. */
  readonly counts: number | undefined;
  /** True if messages at its node are counted in shared memory alone. */
  readonly isCounted: boolean;
}
