import type { Decision, OnError, PortOptions } from "../kernels/kernel.js";
import type { Supervision } from "../kernels/supervision.js";
import type { Header } from "../messages/header.js";
import type { KeysOfUnion } from "../messages/message-type.js";

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
  /** In telemetry, errors and drawings; unique in its topology. Default: the id of the kernel, the name of the topology. */
  readonly name?: string | undefined;
  /** Default: the runtime's. */
  readonly backend?: Place | undefined;
  /** Copies, an integer, at least 1. Default 1. */
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
   * Results of several copies: in the order of their inputs, or the fastest first. Default "preserve": what is made before
   * its turn is held until all inputs before it have passed the stage, for as many inputs as the flow has in flight.
   */
  readonly order?: "preserve" | "any" | undefined;
  /** Most messages a second, all copies together, more than 0. Default: no limit. */
  readonly rate?: number | undefined;
  /**
   * The edge that leads to the stage outlives the program: what it has accepted, and what is not settled when the program
   * ends or is killed, is done by the next program that runs a topology of this name, once. `send` waits until it is kept
   * outside. Stages from here on get `restart: "on-failure"`, `onCrash: "retry"` and `effects: "commit"` where nothing else is
   * said, and their outputs ids that do not change from one try to the next. Needs a backend that keeps (`durable` in its
   * manifest), and no batch or join behind the edge. Default false.
   */
  readonly durable?: boolean | undefined;
  /** In place of the kernel's own. A function crosses to other threads and processes by the topology's `module`. */
  readonly onError?: OnError<In, Out, Chosen> | undefined;
  /** In place of what the kernel says itself, option by option. */
  readonly supervise?: Supervision | undefined;
}
