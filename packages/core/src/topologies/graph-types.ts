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
  /** Passes on the messages that `test` accepts; a type guard narrows. */
  filter<T extends Data<Out>>(
    keep: (message: Data<Out>) => message is T,
    options?: NodeOptions,
  ): Wire<T | Failed<Out>, Place>;
  filter(keep: (message: Data<Out>) => boolean, options?: NodeOptions): Wire<Out, Place>;
  /**
   * Collects many messages into one; `into` may be a message type with the body `{ items }`. A flush empties the
   * batch.
   */
  batch<M extends Header>(
    into: (parts: { items: Data<Out>[] }) => M,
    options: BatchNodeOptions,
  ): Wire<M | Failed<Out>, Place>;
  /**
   * Passes each message to the first route that accepts it; without one it becomes a dead letter (`NO_ROUTE`). Type
   * guards narrow. `otherwise` is tried last, in any position.
   */
  route<R extends Record<string, (message: Data<Out>) => boolean>>(
    routes: R,
    options?: NodeOptions,
  ): { readonly [Name in keyof R]: Wire<Routed<R[Name], Data<Out>> | Failed<Out>, Place> };
  readonly "~out": Out;
  readonly "~backends": () => Place;
}
export type AnyWire = Wire<unknown, string>;
/** The part of `Out` that a guard accepts: a member of a union, or what it narrows one to. */
// biome-ignore lint/suspicious/noExplicitAny: any message can be tested
type Routed<Test, Out> = Test extends (message: any) => message is infer T
  ? [T] extends [Out]
    ? T
    : Extract<Out, T>
  : Out;

/** Nodes of a graph that take several wires. */
export interface GraphTools {
  /** Merges several wires into one, in the order of arrival. */
  merge<W extends readonly [AnyWire, AnyWire, ...AnyWire[]]>(
    ...wires: W
  ): Wire<W[number]["~out"], ReturnType<W[number]["~backends"]>>;
  /**
   * Joins branches of one input: `into` gets one message of each, and may be a message type whose body has the
   * branches as fields. Messages that have arrived are dead-lettered as `JOIN_INCOMPLETE` after `timeout`, and at
   * once when a branch passed without a message: filtered, failed, nothing sent. Branches of which one input can feed
   * only one never join: different routes of the same node, unless an earlier stage declares several outputs or a
   * merge brings it several; and branches that do not pass the same batches, as a batch mixes inputs. Such joins are
   * rejected.
   */
  join<B extends Record<string, AnyWire>, M extends Header>(
    into: (parts: { [Name in keyof B]: Data<B[Name]["~out"]> }) => M,
    branches: B,
    options: JoinOptions,
  ): Wire<M | Failed<B[keyof B]["~out"]>, ReturnType<B[keyof B]["~backends"]>>;
}
