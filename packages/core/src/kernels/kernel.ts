import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ComputePlan } from "../compute/compute-plan.js";
import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessageType } from "../messages/message-type.js";
import type { KernelRef, Names } from "./address.js";
import type { Backoff } from "./backoff.js";
import type { KernelContext } from "./kernel-context.js";
import type { SupervisionPlan } from "./supervision.js";

/**
 * Strategy of a full port: the sender waits, fails at once with `QUEUE_FULL`, or the oldest message of the lowest
 * priority is dropped.
 */
export type Backpressure = "block" | "reject" | "drop-oldest";

/** The input of a kernel. */
export interface PortOptions {
  /** Capacity in messages, an integer, at least 1. Default 4096. */
  readonly queueSize?: number | undefined;
  /** Default "block". */
  readonly backpressure?: Backpressure | undefined;
}

export type ErrorAction =
  | "dead-letter"
  | "reply"
  | "fail"
  | "retry"
  | { readonly retry: number; readonly backoff?: Backoff };

/**
 * A message failed: keep it as a dead letter, put a `StageFailure` in the place of its result, fail the kernel, try again
 * (3 times unless said otherwise, then keep it), or decide by a function, which may also answer itself.
 */
export type OnError<In, Out, Chosen extends Decision<Out> = Decision<Out>> =
  | (Chosen & ErrorAction)
  | ((error: AnyRinglineError, message: In) => Chosen);

/** Decision of a function for a failed message: an action, or an output that replaces the result. */
export type Decision<Out> = ErrorAction | Out | Promise<ErrorAction | Out>;

/**
 * Result of a `handle` body: one output, several, or undefined for none; nothing at all if the kernel has no output.
 * A forgotten `return` therefore does not compile: write `return undefined` if the outputs were sent by `ctx.send`.
 */
export type Handled<Out> = Out | readonly Out[] | ([Out] extends [never] ? void : undefined);
export type Handle<In, Out, Ctx> = (message: In, ctx: Ctx) => Handled<Out> | Promise<Handled<Out>>;

/** Properties that backends add to `ctx`, by module augmentation. */
// biome-ignore lint/suspicious/noEmptyInterface: augmented by backends
export interface BackendExtensions {}

/** A kernel's definition: data and functions; nothing runs yet. */
export interface Kernel<
  out Id extends string = string,
  in In = never,
  out Out = unknown,
  out Peer extends string = string,
> extends KernelRef<In, Out> {
  readonly id: Id;
  /** The same kernel under another id: to launch copies and to address them. */
  as<const NewId extends string>(id: NewId): Kernel<NewId, In, Out, Peer>;
  readonly "~peers": Peer;
}
/** Matches every kernel, also one that takes nothing. */
export type AnyKernel = Kernel;

/** A stage of a topology that a module exports: where another place finds a function of it. Data. */
export interface StageRef {
  readonly module: string;
  readonly topology: string;
  readonly stage: string;
}

/** A kernel as hosts read it. Not for users: they see `Kernel`. */
export interface KernelDefinition {
  readonly id: string;
  /** The id it was defined under, by which its module exports it. */
  readonly definedAs: string;
  readonly module: string | undefined;
  readonly input: readonly AnyMessageType[];
  readonly output: readonly AnyMessageType[];
  readonly queueSize: number;
  readonly backpressure: Backpressure;
  readonly peers: Names;
  readonly needs: readonly string[];
  readonly ack: "auto" | "manual";
  readonly state: StandardSchemaV1 | undefined;
  readonly supervise: SupervisionPlan;
  readonly onError: OnError<never, unknown>;
  /** Of a stage: where a place that shares no memory with the host finds the function that `onError` is. */
  readonly onErrorAt?: StageRef | undefined;
  readonly handle: Handle<never, unknown, never> | undefined;
  /** Of a compute kernel: its body for a device. Its `handle` is the host's. */
  readonly compute: ComputePlan | undefined;
  readonly run: ((ctx: KernelContext<never, never>) => Promise<void>) | undefined;
}
