import type { Fits, Typed } from "../kernels/address.js";
import type { AnyKernel } from "../kernels/kernel.js";
import type { Description } from "./describe-plan.js";
import type { Data } from "./stage-options.js";

/** A pipeline or graph, which can run or be a stage of another topology. `Place`: the backends that it names. */
export interface Topology<in In = never, out Out = unknown, out Place extends string = string> extends Typed<In, Out> {
  readonly name: string;
  describe(): Description;
  readonly "~backends": () => Place;
}

/** A stage: a kernel (also a compute kernel), a pipeline, a graph. */
export type Stage = AnyKernel | Topology<never, unknown, string>;
export type BackendsOf<S> = S extends Topology<never, unknown, infer Place> ? Place : never;
/** `S` if it accepts `Out`; otherwise a sentence that the compiler prints. */
export type FitsAfter<Out, S> = Fits<Data<Out>, S>;

/** Options of a pipeline or graph. */
export interface TopologyOptions {
  /** `import.meta.url`, for functions in it (`by`, `filter`, `route`, `join`) that are to run elsewhere. */
  readonly module?: string | undefined;
  /** Restart of a failing stage alone, or of all stages with it. Default "one-for-one". */
  readonly supervise?: "one-for-one" | "all-for-one" | undefined;
}

/** Options of nodes that are functions. */
export interface NodeOptions {
  /** Name in telemetry, errors and drawings; unique in its topology. Default: the kind of the node. */
  readonly name?: string | undefined;
}

/** Options of a node that makes one message of many. */
export interface BatchNodeOptions extends NodeOptions {
  /** Maximum messages in one batch, an integer, at least 1. */
  readonly max: number;
  /** Milliseconds that a batch waits for more after its first message. Default: until it is full, or a flush passes. */
  readonly linger?: number | undefined;
}

/** Options of a join. */
export interface JoinOptions extends NodeOptions {
  /**
   * Milliseconds, 0 or more, from the first message of an input until the messages that have arrived are
   * dead-lettered as `JOIN_INCOMPLETE`; Infinity for no limit.
   */
  readonly timeout: number;
}
