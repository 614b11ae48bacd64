import type { InOf, OutOf } from "../kernels/address.js";
import type { Decision } from "../kernels/kernel.js";
import type { Header } from "../messages/header.js";
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
