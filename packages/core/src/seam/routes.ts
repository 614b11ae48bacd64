import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Outlet } from "./port.js";
import type { Shortcuts } from "./shortcuts.js";

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
