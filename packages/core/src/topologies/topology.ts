import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Fits, Typed } from "../kernels/address.js";
import type { AnyKernel, Decision, OnError, PortOptions } from "../kernels/kernel.js";
import type { Supervision } from "../kernels/supervision.js";
import { body } from "../messages/body.js";
import { defineMessage } from "../messages/define-message.js";
import type { Header } from "../messages/header.js";
import type { KeysOfUnion, MessageType } from "../messages/message-type.js";
import type { Description } from "./describe-plan.js";

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
  /**
   * Restart of a failing stage alone, or of all stages with it.
   *
   * @default "one-for-one"
   */
  readonly supervise?: "one-for-one" | "all-for-one" | undefined;
}

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
   * Name in telemetry, errors and drawings; unique in its topology.
   *
   * @default the id of the kernel, the name of the topology
   */
  readonly name?: string | undefined;
  /**
   * Name of the backend that runs the stage.
   *
   * @default the runtime's default backend
   */
  readonly backend?: Place | undefined;
  /**
   * Number of copies, an integer, at least 1; or limits, within which the stage adapts it to its load. `flow.scale`
   * changes the number of a stage that began with several or has limits, up to 64 or the upper limit.
   *
   * @default 1
   */
  readonly workers?: number | ElasticWorkers | undefined;
  /**
   * Distribution among workers: round-robin, shortest queue, all to all, or the same key to the same worker, in order.
   * A key given by field name is data and crosses threads by itself; a function needs the topology's `module`.
   *
   * @default "round-robin"
   */
  readonly by?:
    | "round-robin"
    | "least-loaded"
    | "broadcast"
    | { readonly key: Exclude<KeysOfUnion<In>, keyof Header> & string }
    | ((message: In) => string | number)
    | undefined;
  /**
   * Order of the results of several workers: that of their inputs ("preserve"; results are held until all earlier inputs
   * have passed the stage, for as many inputs as the flow has in flight), or the fastest first ("unordered"; "any" is its earlier
   * name).
   *
   * @default "preserve"
   */
  readonly order?: "preserve" | "unordered" | "any" | undefined;
  /**
   * Maximum messages per second, all workers together, more than 0.
   *
   * @default no limit
   */
  readonly rate?: number | undefined;
  /**
   * Makes the edge in front of the stage outlive the program: inputs that it has accepted, and that are not settled
   * when the program ends or is killed, are processed by the next program that runs a topology of this name, once.
   * `send` waits until the message is stored. This stage and later ones get `restart: "on-failure"`, `onCrash: "retry"`
   * and `effects: "commit"`, unless they set other values, and their outputs keep their ids over retries. Needs a
   * keeper (`keep` of the runtime, or a backend with `durable` in its manifest). A batch after the edge is forwarded
   * once it is stored.
   *
   * @default false
   */
  readonly durable?: boolean | undefined;
  /**
   * Overrides the kernel's own policy. A function crosses to other threads and processes by the topology's `module`.
   */
  readonly onError?: OnError<In, Out, Chosen> | undefined;
  /** Overrides the kernel's own options, one by one. */
  readonly supervise?: Supervision | undefined;
}

/** Options of nodes that are functions. */
export interface NodeOptions {
  /**
   * Name in telemetry, errors and drawings; unique in its topology.
   *
   * @default the kind of the node
   */
  readonly name?: string | undefined;
}

/** Options of a node that makes one message of many. */
export interface BatchNodeOptions extends NodeOptions {
  /** Maximum messages in one batch, an integer, at least 1. */
  readonly max: number;
  /**
   * Milliseconds that a batch waits for more after its first message.
   *
   * @default until it is full, or a flush passes
   */
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

/** Limits of a stage that adapts the number of its workers to its load. */
export interface ElasticWorkers {
  /** Number of workers at the start, and the least, an integer, at least 1. Default 1. */
  readonly min?: number | undefined;
  /** Maximum number of workers, an integer, more than `min`. */
  readonly max: number;
  /**
   * Milliseconds between two decisions, more than 0; Infinity to change the number by `flow.scale` only. Default 1,000.
   */
  readonly every?: number | undefined;
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
