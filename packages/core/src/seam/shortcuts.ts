import type { SharedInputs } from "../flows/shared-inputs.js";
import type { Outlet, PortSpec } from "./port.js";

/**
 * A path on which outputs need not wait for the host's answer one by one; a backend without one needs nothing of this
 * file. "shared": messages bypass the host in memory that it shares with its places, which also counts the messages in
 * flight of a flow's inputs. "ahead": outputs of a remote place are sent before the next node has capacity, as many as
 * `Shortcuts.credits` says.
 */
export type Shortcut = "shared" | "ahead";

/**
 * An outlet that knows how many messages it accepts at once, whatever other senders do. Undefined `credits`: not known,
 * as with several senders.
 */
export interface RoomyOutlet extends Outlet {
  readonly credits?: number;
}

/** The shortcuts that the output of a kernel offers. Each may be left out; then outputs go through the host. */
export interface Shortcuts {
  /** The outlet to which every push goes unchanged, for the time being. */
  readonly direct?: RoomyOutlet | undefined;
  /** Called when `direct` changes, before anything is pushed elsewhere. */
  onRerouted?: (() => void) | undefined;
  /** Number of messages that are accepted at once; for a stage with "ahead". */
  readonly credits?: number;
  /** Ports of the next nodes; for a stage with "shared". */
  readonly directTargets?: DirectTargets | undefined;
  /** Counts of the flow's inputs; for a stage with "shared". */
  readonly inputs?: SharedInputs | undefined;
}

/** A port that outputs of a stage may go to, and the node of the flow at which they are counted there. */
export interface DirectTarget {
  readonly outlet: Outlet;
  readonly node: number;
}

/**
 * The ports that outputs of a stage may go to past the host. The sender counts a message at its node before any reader
 * can see it. Messages without an input or with one that may be over, `StageFailure` messages, and those that find no
 * room go through the host.
 */
export interface DirectTargets {
  readonly targets: readonly DirectTarget[];
  /** Choice of the first target, and the next one if that is full; for a key only the one that the field selects. */
  readonly by: "round-robin" | "least-loaded" | { readonly key: string };
}

/**
 * The output port of a stage with "shared": core forwards its outputs in the order of sending, whatever their priority.
 */
export interface ExitPortSpec extends PortSpec {
  readonly isExit: true;
}
