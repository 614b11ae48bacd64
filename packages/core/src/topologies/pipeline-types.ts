import type { AnyRef, InOf, OutOf } from "../kernels/address.js";
import type { Decision } from "../kernels/kernel.js";
import type { Header } from "../messages/header.js";
import type { Unless } from "../messages/unless.js";
import type { Data, Failed, FailureOf } from "./stage-failure.js";
import type { StageOptions } from "./stage-options.js";
import type { BackendsOf, BatchNodeOptions, FitsAfter, NodeOptions, Stage, Topology } from "./topology.js";

/**
 * A chain of stages. Each step returns a new pipeline and leaves the old one as it was; throws `INVALID_ARGUMENT`,
 * `TYPE_MISMATCH`, `INVALID_TOPOLOGY`.
 */
export interface Pipeline<in In = never, out Out = unknown, out Place extends string = string>
  extends Topology<In, Out, Place> {
  stage<S extends Stage, const At extends string = never, const E extends Decision<OutOf<S>> = never>(
    stage: FitsAfter<Out, S>,
    options?: StageOptions<InOf<S>, OutOf<S>, At, E>,
  ): Pipeline<In, OutOf<S> | Failed<Out> | FailureOf<E>, Place | NoInfer<At> | BackendsOf<S>>;
  /** Passes on the messages that `test` accepts; a type guard narrows. */
  filter<T extends Data<Out>>(
    keep: (message: Data<Out>) => message is T,
    options?: NodeOptions,
  ): Pipeline<In, T | Failed<Out>, Place>;
  filter(keep: (message: Data<Out>) => boolean, options?: NodeOptions): Pipeline<In, Out, Place>;
  /**
   * Collects many messages into one; `into` may be a message type with the body `{ items }`. A flush empties the
   * batch.
   */
  batch<M extends Header>(
    into: (parts: { items: Data<Out>[] }) => M,
    options: BatchNodeOptions,
  ): Pipeline<In, M | Failed<Out>, Place>;
}

/** A pipeline before its first stage. */
export interface EmptyPipeline {
  stage<S extends Stage, const At extends string = never, const E extends Decision<OutOf<S>> = never>(
    stage: S,
    options?: StageOptions<InOf<S>, OutOf<S>, At, E>,
  ): Pipeline<InOf<S>, OutOf<S> | FailureOf<E>, NoInfer<At> | BackendsOf<S>>;
}

/** Arguments that `run` tells apart: a topology, and what is taken for one. */
export type Runnable = Topology<never, unknown, string> | AnyRef | EmptyPipeline;
/** `T` if it is a topology that names no backends but `Place`; otherwise a sentence that the compiler prints. */
export type RunsOn<Place extends string, T> = Unless<
  T extends Topology<never, unknown, Place> ? T : never,
  NotRun<Place, T>,
  T
>;
type NotRun<Place extends string, T> = T extends AnyRef
  ? "a kernel is launched or started, not run: make it a stage of a pipeline, or call `start`"
  : T extends Topology<never, unknown, infer Other>
    ? `the topology names '${Exclude<Other, Place>}', which is no backend of this runtime`
    : T extends EmptyPipeline
      ? "a pipeline needs a stage before it can run: begin with `.stage(kernel)`"
      : Topology<never, unknown, Place>;
