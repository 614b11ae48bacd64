import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Outlet } from "./port.js";
import type { Shortcuts } from "./shortcuts.js";

/** A kernel seen from another place: how its peers reach it. */
export interface PeerRoute {
  readonly id: string;
  readonly outlet: Outlet;
  receive(wait: WaitOptions | undefined): Promise<AnyMessage>;
  /** Throws `TYPE_MISMATCH` and `INVALID_MESSAGE`; gives the message as it is to be sent. */
  check(message: unknown): AnyMessage;
}

/** Targets of what a kernel sends. */
export interface Routes {
  /** The kernel's output port, the kernels that it is linked to, or the next nodes of its flow. */
  readonly output: Outlet & Shortcuts;
  /** By local name or id. Throws `KERNEL_UNKNOWN`. */
  peer(name: string): PeerRoute;
}

/** Reports of an incarnation to core. */
export interface Reports {
  /** A kernel threw; `message` is what it was working on. */
  error(error: AnyRinglineError, message: AnyMessage | undefined): void;
  /** An output has been waiting for a second. */
  stalled(): void;
  /**
   * The place would have it run elsewhere: it ends when it has done what it has in hand, at the latest after five seconds, and
   * begins again. False where it cannot at this moment.
   */
  relocate?(): boolean;
  deadLetter(message: AnyMessage, error: AnyRinglineError, attempts: number): void;
  /**
   * A state to keep for the next incarnation, a copy that nobody changes. Where `settles` is not empty it counts once these
   * messages are done. Undefined, or resolved: it is kept.
   */
  checkpoint(state: unknown, settles: readonly AnyMessage[]): Promise<void> | undefined;
  /**
   * Reports that the messages of the latest checkpoint are done. If a place does not report it, core infers it from
   * the messages in flight at the end; a message that came twice in a row then looks as if it was never done.
   */
  checkpointSettled?(): void;
  log(level: "debug" | "info" | "warn" | "error", text: string, fields: object | undefined): void;
}
