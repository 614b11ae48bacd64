import type { InOf, OutOf } from "../kernels/address.js";
import type { Decision } from "../kernels/kernel.js";
import type { Header } from "../messages/header.js";
import type { Data, Failed, FailureOf } from "./stage-failure.js";
import type { StageOptions } from "./stage-options.js";
import type { BackendsOf, BatchNodeOptions, FitsAfter, JoinOptions, NodeOptions, Stage } from "./topology.js";

/**
 * The output of a node of a graph. A wire that is used twice sends everything to both. The methods throw
 * `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `INVALID_TOPOLOGY`.
 */
export interface Wire<out Out = unknown, out Place extends string = string> {
  stage<S extends Stage, const At extends string = never, const E extends Decision<OutOf<S>> = never>(
    stage: FitsAfter<Out, S>,
    options?: StageOptions<InOf<S>, OutOf<S>, At, E>,
  ): Wire<OutOf<S> | Failed<Out> | FailureOf<E>, Place | NoInfer<At> | BackendsOf<S>>;
  /** Keeps what passes; a type guard narrows. */
  filter<T extends Data<Out>>(
    keep: (message: Data<Out>) => message is T,
    options?: NodeOptions,
  ): Wire<T | Failed<Out>, Place>;
  filter(keep: (message: Data<Out>) => boolean, options?: NodeOptions): Wire<Out, Place>;
  /** Many into one; a message type with the body `{ items }` will do as `into`. A flush empties it. */
  batch<M extends Header>(
    into: (parts: { items: Data<Out>[] }) => M,
    options: BatchNodeOptions,
  ): Wire<M | Failed<Out>, Place>;
  /**
   * The first route that says yes takes the message; none: dead letter `NO_ROUTE`. Type guards narrow. `otherwise` is asked
   * last, wherever it stands.
   */
  route<R extends Record<string, (message: Data<Out>) => boolean>>(
    routes: R,
    options?: NodeOptions,
  ): { readonly [Name in keyof R]: Wire<Routed<R[Name], Data<Out>> | Failed<Out>, Place> };
  readonly "~out": Out;
  readonly "~backends": () => Place;
}
export type AnyWire = Wire<unknown, string>;
/** The part of `Out` that a guard lets pass: a member of a union, or what it narrows one to. */
// biome-ignore lint/suspicious/noExplicitAny: any message can be tested
type Routed<Test, Out> = Test extends (message: any) => message is infer T
  ? [T] extends [Out]
    ? T
    : Extract<Out, T>
  : Out;

export interface GraphTools {
  /** Several wires as one, as messages come. */
  merge<W extends readonly [AnyWire, AnyWire, ...AnyWire[]]>(
    ...wires: W
  ): Wire<W[number]["~out"], ReturnType<W[number]["~backends"]>>;
  /**
   * Branches of one input meet again: `into` gets one message of each. A message type whose body has the branches as
   * fields will do. What has come is dead-lettered as `JOIN_INCOMPLETE`
   * after `timeout`, and at once when a branch passed without a message: filtered, failed, nothing sent.
   *
   * Branches of which one input can feed only one never meet: different routes of the same node, unless an earlier
   * stage declares several outputs or a merge brings it several; and branches that do not pass the same batches, as a batch
   * mixes inputs. Such joins are refused.
   */
  join<B extends Record<string, AnyWire>, M extends Header>(
    into: (parts: { [Name in keyof B]: Data<B[Name]["~out"]> }) => M,
    branches: B,
    options: JoinOptions,
  ): Wire<M | Failed<B[keyof B]["~out"]>, ReturnType<B[keyof B]["~backends"]>>;
}
