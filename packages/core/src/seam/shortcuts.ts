import type { SharedInputs } from "../flows/shared-inputs.js";
import type { Outlet, PortSpec } from "./port.js";

/**
 * A way by which outputs need not wait for the host's answer one by one; a backend without one needs nothing of this file. "shared":
 * messages pass the host in memory that it shares with its places, and what is alive of a flow's inputs is counted there. "ahead":
 * outputs from far away are sent before what comes next has room, as many as `Shortcuts.room` says.
 */
export type Shortcut = "shared" | "ahead";

/** An outlet that knows how many messages it will accept at once, whatever others do. Left out: not known, as where several send to it. */
export interface RoomyOutlet extends Outlet {
  readonly credits?: number;
}

/** The shortcuts that the output of a kernel offers. Each may be left out; then outputs go by the host. */
export interface Shortcuts {
  /** Every push goes to this outlet as it is, for the time being. */
  readonly direct?: RoomyOutlet | undefined;
  /** Called when `direct` changes, before anything is pushed elsewhere. */
  onRerouted?: (() => void) | undefined;
  /** "ahead", of a stage: messages that are accepted at once. */
  readonly credits?: number;
  /** "shared", of a stage: the ports of what comes next. */
  readonly directTargets?: DirectTargets | undefined;
  /** "shared", of a stage: the counts of its flow's inputs. */
  readonly inputs?: SharedInputs | undefined;
}

/** A port that outputs of a stage may go to, and the node of the flow at which they are counted there. */
export interface DirectTarget {
  readonly outlet: Outlet;
  readonly node: number;
}

/**
 * The ports that outputs of a stage may go to past the host. Whoever sends counts the message at its node before anybody
 * can see it. One that has no input, or whose input may be over, a `StageFailure`, and what finds no room go by the host.
 */
export interface DirectTargets {
  readonly targets: readonly DirectTarget[];
  /** Choice of the first target, and the next one if that is full; for a key only the one that the field selects. */
  readonly by: "round-robin" | "least-loaded" | { readonly key: string };
}

/** "shared": the output port of a stage, from which core brings its outputs on in the order of sending, whatever their priority. */
export interface ExitPortSpec extends PortSpec {
  readonly isExit: true;
}
