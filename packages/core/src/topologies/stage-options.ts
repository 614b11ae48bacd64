import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Decision, OnError, PortOptions } from "../kernels/kernel.js";
import type { Supervision } from "../kernels/supervision.js";
import { body } from "../messages/body.js";
import { defineMessage } from "../messages/define-message.js";
import type { Header } from "../messages/header.js";
import type { KeysOfUnion, MessageType } from "../messages/message-type.js";

/**
 * Options of a kernel as a stage. A nested topology takes `name`, and `backend` and an action as `onError`, which
 * then apply to those of its stages that do not set them.
 */
export interface StageOptions<
  In = never,
  Out = never,
  Place extends string = string,
  Chosen extends Decision<Out> = Decision<Out>,
> extends PortOptions {
  /**
   * Name in telemetry, errors and drawings; unique in its topology. Default: the id of the kernel, the name of the
   * topology.
   */
  readonly name?: string | undefined;
  /** Default: the runtime's. */
  readonly backend?: Place | undefined;
  /** Number of copies, an integer, at least 1. Default 1. */
  readonly workers?: number | undefined;
  /**
   * Distribution among workers: round-robin, shortest queue, all to all, or the same key to the same worker, in
   * order. A key given by field name is data and crosses threads by itself; a function needs the topology's `module`.
   * Default "round-robin".
   */
  readonly by?:
    | "round-robin"
    | "least-loaded"
    | "broadcast"
    | { readonly key: Exclude<KeysOfUnion<In>, keyof Header> & string }
    | ((message: In) => string | number)
    | undefined;
  /**
   * Order of the results of several workers: that of their inputs, or the fastest first. Default "preserve": results
   * are held until all earlier inputs have passed the stage, for as many inputs as the flow has in flight.
   */
  readonly order?: "preserve" | "any" | undefined;
  /** Maximum messages per second, all workers together, more than 0. Default: no limit. */
  readonly rate?: number | undefined;
  /**
   * Makes the edge in front of the stage outlive the program: inputs that it has accepted, and that are not settled
   * when the program ends or is killed, are processed by the next program that runs a topology of this name, once.
   * `send` waits until the message is stored. This stage and later ones get `restart: "on-failure"`, `onCrash: "retry"`
   * and `effects: "commit"`, unless they set other values, and their outputs keep their ids over retries. Needs a
   * keeper (`keep` of the runtime, or a backend with `durable` in its manifest). A batch after the edge is forwarded
   * once it is stored. Default false.
   */
  readonly durable?: boolean | undefined;
  /**
   * Overrides the kernel's own policy. A function crosses to other threads and processes by the topology's `module`.
   */
  readonly onError?: OnError<In, Out, Chosen> | undefined;
  /** Overrides the kernel's own options, one by one. */
  readonly supervise?: Supervision | undefined;
}

/** The reason why a stage has no result for a message. */
export interface StageFailureBody {
  /** The name of the stage. */
  readonly stage: string;
  /** `messageId` of the message that failed. */
  readonly failedId: string;
  readonly error: AnyRinglineError;
}

/**
 * The message that replaces the result of a stage with `onError: "reply"`. It bypasses all later nodes, straight to
 * the output of the flow.
 */
export const StageFailure: MessageType<"StageFailure", StageFailureBody> = defineMessage(
  "StageFailure",
  body<StageFailureBody>(),
);
export type StageFailure = (typeof StageFailure)["~message"];

/** The part of an output that later nodes see. */
export type Data<Out> = Exclude<Out, StageFailure>;
/** The part of an output that bypasses later nodes. */
export type Failed<Out> = Extract<Out, StageFailure>;
/** `StageFailure` if "reply" is among the decisions of `onError`. */
export type FailureOf<Chosen> = "reply" extends Awaited<Chosen> ? StageFailure : never;
