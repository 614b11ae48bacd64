import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Header } from "./header.js";

/** The requester of an answer, as the responder sees it. */
export interface Requester {
  /** The kernel that the request was sent to: only its outputs are answers. */
  readonly responder: string;
  /** Name of the requester, for errors. */
  readonly name: string;
  /** Name of the type of the request. */
  readonly asked: string;
  /** True if answers are sent as copies, because the requester is in a place that no device of this place can reach. */
  readonly isElsewhere?: boolean;
  /** False once the request is settled, by an answer or an error. */
  readonly waits: boolean;
  /** True once an output was offered. */
  readonly isAnswered: boolean;
  /**
   * Offers an output: the first one is "taken", or "late" if the request was already settled; later ones are "further",
   * and not answers.
   */
  answer(message: Header): "taken" | "late" | "further";
  /** Fails the request, unless it is settled. */
  fail(error: AnyRinglineError): void;
}

/**
 * The input of a flow that a message comes from. Counts the messages of that input that are not settled, by node: a
 * message is entered before it is passed to a node, and leaves once it is settled there, after all its effects were
 * entered. For places that do not share the host's memory, the counts are where both can reach them.
 */
export interface Origin {
  /** Name of the flow, for errors. */
  readonly flow: string;
  /** True once the input is cancelled: its queued messages are not processed. */
  readonly isCancelled: boolean;
  /** False once no message of the input is in flight at any node. */
  readonly isAlive: boolean;
  /** Called at cancellation, for places that cannot observe `isCancelled`. */
  onCancelled: (() => void) | undefined;
  /**
   * False if no message of the input is at or before this node: outputs that a node sends on its behalf are then too
   * late to count.
   */
  isOpen(node: number): boolean;
  enter(node: number): void;
  /** Undoes `enter` for a message that was not passed to the node; its cause is still in flight. */
  withdraw(node: number): void;
  /** `error`: the reason if the message could not be processed; it is reported to the caller. */
  leave(node: number, error?: AnyRinglineError): void;
}

/** The part of a message that its effects inherit. Holds no message, so that a chain of causes can be collected. */
export interface Lineage {
  /** Requester of the request to a kernel. */
  readonly requester?: Requester | undefined;
  /** Input of the flow, if the message is in a flow. */
  readonly origin?: Origin | undefined;
}

/** Fails the request to `kernelId` that this message is, or descends from: there will be no answer. */
export function failRequester(lineage: Lineage | undefined, kernelId: string, error: () => AnyRinglineError): void {
  const requester = lineage?.requester;
  if (requester !== undefined && requester.responder === kernelId && requester.waits) requester.fail(error());
}
