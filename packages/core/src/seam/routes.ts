import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { SharedInputs } from "../flows/shared-inputs.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Outlet, PortSpec } from "./port.js";

/** The route by which peers reach a kernel. */
export interface PeerRoute {
  readonly id: string;
  readonly outlet: Outlet;
  receive(wait: WaitOptions | undefined): Promise<AnyMessage>;
  /** Validates a message and returns it as it is to be sent. Throws `TYPE_MISMATCH` and `INVALID_MESSAGE`. */
  check(message: unknown): AnyMessage;
}

/** Targets of the messages that a kernel sends. */
export interface Routes {
  /** The kernel's output port, the kernels that it is linked to, or the next nodes of its flow. */
  readonly output: Outlet & Shortcuts;
  /** Finds a peer by local name or id. Throws `KERNEL_UNKNOWN`. */
  peer(name: string): PeerRoute;
}

/** Reports of an incarnation to core. */
export interface Reports {
  /** Reports that a kernel threw while it processed `message`. */
  error(error: AnyRinglineError, message: AnyMessage | undefined): void;
  /** Reports that an output has waited for a second, or requests to a peer have, none of which was answered. */
  stalled(peer?: string): void;
  /**
   * Requests that the kernel run elsewhere: its incarnation ends when its messages in flight are done, at the latest
   * after five seconds, and another one starts. Returns false if that is not possible at the moment.
   */
  relocate?(): boolean;
  deadLetter(message: AnyMessage, error: AnyRinglineError, attempts: number): void;
  /**
   * Saves a state for the next incarnation, a copy that nobody changes. If `settles` is not empty, the state counts
   * once these messages are done. Stored when the call returns undefined or its promise resolves.
   */
  checkpoint(state: unknown, settles: readonly AnyMessage[]): Promise<void> | undefined;
  /**
   * Reports that the messages of the latest checkpoint are done. If a place does not report it, core infers it from the
   * messages in flight at the end; a message that is delivered twice in a row then appears never to be done.
   */
  checkpointSettled?(): void;
  log(level: "debug" | "info" | "warn" | "error", text: string, fields: object | undefined): void;
}

/**
 * A path on which outputs need not wait for the host's answer one by one; a backend without one uses none of the
 * types below. "shared": messages bypass the host in memory that it shares with its places, which also counts the messages in
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
