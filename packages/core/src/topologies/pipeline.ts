import type { AnyRef, InOf, OutOf } from "../kernels/address.js";
import { definitionOf } from "../kernels/define-kernel.js";
import type { Decision } from "../kernels/kernel.js";
import type { Unless } from "../messages/body.js";
import type { Header } from "../messages/header.js";
import type { AnyMessageType } from "../messages/message-type.js";
import { type Description, describePlan } from "./describe-plan.js";
import { Draft, finish, inputTap, type Tap } from "./draft.js";
import { isTopology, type Plan, type Planned } from "./plan.js";
import type { AnyStageOptions } from "./plan-stage.js";
import type {
  BackendsOf,
  BatchNodeOptions,
  Data,
  Failed,
  FailureOf,
  FitsAfter,
  NodeOptions,
  Stage,
  StageOptions,
  Topology,
  TopologyOptions,
} from "./topology.js";
import { checkTopologyOptions, invalidTopology } from "./topology-checks.js";

/**
 * Defines a chain of stages. It is data and can run any number of times:
 * `runtime.run(pipeline("stats").stage(a).stage(b))`. Throws `INVALID_ARGUMENT`.
 *
 * @example
 * const stats = pipeline("stats").stage(parse).stage(square, { workers: 3 });
 * await using flow = await runtime.run(stats);
 * for await (const result of flow.process(source)) console.log(result);
 */
export function pipeline(name: string, options?: TopologyOptions): EmptyPipeline {
  return new Chain(new Draft(checkTopologyOptions(name, options))) as unknown as EmptyPipeline;
}

/** Immutable: each step works on a copy of the draft. */
class Chain implements Planned {
  readonly name: string;
  readonly #draft: Draft;
  readonly #input: readonly AnyMessageType[];
  readonly #end: Tap | undefined;
  #plan: Plan | undefined;

  constructor(draft: Draft, input: readonly AnyMessageType[] = [], end?: Tap) {
    this.name = draft.settings.name;
    this.#draft = draft;
    this.#input = input;
    this.#end = end;
    Object.freeze(this);
  }

  stage(stage: unknown, options?: AnyStageOptions): Chain {
    const input = this.#end === undefined ? inputOf(stage) : this.#input;
    const draft = this.#draft.copy();
    return new Chain(draft, input, draft.stage(this.#end ?? inputTap(input), stage, options));
  }

  filter(keep: unknown, options?: NodeOptions): Chain {
    const draft = this.#draft.copy();
    return new Chain(draft, this.#input, draft.filter(this.#begun(), keep, options));
  }

  batch(into: unknown, options: BatchNodeOptions): Chain {
    const draft = this.#draft.copy();
    return new Chain(draft, this.#input, draft.batch(this.#begun(), into, options));
  }

  describe(): Description {
    return describePlan(this["~plan"]);
  }

  get "~plan"(): Plan {
    this.#plan ??= finish(this.#draft, this.#input, this.#begun());
    return this.#plan;
  }

  #begun(): Tap {
    if (this.#end !== undefined) return this.#end;
    throw invalidTopology(this.name, [], "it has no stages", "Begin with `.stage(kernel)`.");
  }
}

function inputOf(stage: unknown): readonly AnyMessageType[] {
  return definitionOf(stage)?.input ?? (isTopology(stage) ? stage["~plan"].input : []);
}

/**
 * A chain of stages. Each step returns a new pipeline and leaves the old one as it was; throws `INVALID_ARGUMENT`,
 * `TYPE_MISMATCH`, `INVALID_TOPOLOGY`.
 */
export interface Pipeline<in In = never, out Out = unknown, out Place extends string = string>
  extends Topology<In, Out, Place> {
  /**
   * Appends a stage: a kernel or another topology, which takes what the stage before it sends.
   *
   * @example
   * const stats = pipeline("stats").stage(parse).stage(square, { workers: 3, by: { key: "user" } });
   */
  stage<S extends Stage, const At extends string = never, const E extends Decision<OutOf<S>> = never>(
    stage: FitsAfter<Out, S>,
    options?: StageOptions<InOf<S>, OutOf<S>, At, E>,
  ): Pipeline<In, OutOf<S> | Failed<Out> | FailureOf<E>, Place | NoInfer<At> | BackendsOf<S>>;
  /** Passes on the messages for which `keep` returns true; a type guard narrows the type. */
  filter<T extends Data<Out>>(
    keep: (message: Data<Out>) => message is T,
    options?: NodeOptions,
  ): Pipeline<In, T | Failed<Out>, Place>;
  /** Passes on the messages for which `keep` returns true. */
  filter(keep: (message: Data<Out>) => boolean, options?: NodeOptions): Pipeline<In, Out, Place>;
  /**
   * Collects up to `max` messages into one; `into` may be a message type with the body `{ items }`. A flush empties the
   * batch.
   *
   * @example
   * pipeline("stats").stage(parse).batch(Rows, { max: 100, linger: 20 }).stage(insert);
   */
  batch<M extends Header>(
    into: (parts: { items: Data<Out>[] }) => M,
    options: BatchNodeOptions,
  ): Pipeline<In, M | Failed<Out>, Place>;
}

/** A pipeline before its first stage. */
export interface EmptyPipeline {
  /**
   * Sets the first stage: a kernel or another topology, whose input is the input of the pipeline.
   *
   * @example
   * const stats = pipeline("stats").stage(parse).stage(square, { workers: 3 });
   */
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
