import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Header } from "./header.js";

/** The requester of an answer, as the responder sees it. */
export interface Requester {
  /** The kernel that was asked: only its outputs answer. */
  readonly responder: string;
  /** Name of the requester, for errors. */
  readonly name: string;
  /** Answers go by copy: to where no device of this place can be reached. */
  readonly isElsewhere?: boolean;
  /** False once the wait is over, by whatever means. */
  readonly waits: boolean;
  /** Offers an output: the first one is taken, or late when the wait was over before; further ones are not answers. */
  answer(message: Header): "taken" | "late" | "further";
  /** Ends the wait with an error, if it is not over. */
  fail(error: AnyRinglineError): void;
}

/**
 * The input of a flow that a message comes from. It counts what of it is alive, at which node of the flow: a message is
 * entered before it is handed to a node, and leaves once it is settled there, after all that it caused was entered.
 * Places that do not share the host's memory keep these counts where both can reach them.
 */
export interface Origin {
  /** The flow, for errors. */
  readonly flow: string;
  /** True once nobody wants it any more: what is still queued of it is not processed. */
  readonly isCancelled: boolean;
  /** False once nothing of it is alive at any node. */
  readonly isAlive: boolean;
  /** Called when it is cancelled, for places that do not see that by themselves. */
  onCancelled: (() => void) | undefined;
  /** False when nothing of it is alive at or before this node: what a node sends in its name comes too late to count. */
  isOpen(node: number): boolean;
  enter(node: number): void;
  /** Undoes `enter` for a message that was not handed over; its cause is still in flight. */
  withdraw(node: number): void;
  /** `error`: why the message could not be processed; whoever asked hears of it. */
  leave(node: number, error?: AnyRinglineError): void;
}

/**
 * The part of a message that the messages it causes inherit. Holds no message, so that a chain of causes is not kept
 * alive.
 */
export interface Lineage {
  /** Of the request to a kernel. */
  readonly requester?: Requester | undefined;
  /** In a flow. */
  readonly origin?: Origin | undefined;
}

/** Tells whoever asked `kernelId` with this very message, or one it caused, that there will be no answer. */
export function failRequester(lineage: Lineage | undefined, kernelId: string, error: () => AnyRinglineError): void {
  const requester = lineage?.requester;
  if (requester !== undefined && requester.responder === kernelId && requester.waits) requester.fail(error());
}
