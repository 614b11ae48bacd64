import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ComputePlan } from "../compute/compute-plan.js";
import type { Complete } from "../errors/check-options.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { Unless } from "../messages/body.js";
import type { Header } from "../messages/header.js";
import type { AnyMessageType } from "../messages/message-type.js";
import type { KernelRef, Names, Replying } from "./address.js";
import type { Handled, KernelContext } from "./kernel-context.js";
import type { Backoff, SupervisionPlan } from "./supervision.js";

/**
 * Strategy of a full port: the sender waits, fails at once with `QUEUE_FULL`, or the oldest message of the lowest
 * priority is dropped.
 */
export type Backpressure = "block" | "reject" | "drop-oldest";

/** Options of a kernel's ports. */
export interface PortOptions {
  /**
   * Capacity in messages, an integer, at least 1.
   *
   * @default 4096
   */
  readonly queueSize?: number | undefined;
  /**
   * Strategy of a full queue: "block" lets the sender wait, "reject" fails the send with `QUEUE_FULL`, "drop-oldest"
   * drops the oldest message of the lowest priority.
   *
   * @default "block"
   */
  readonly backpressure?: Backpressure | undefined;
}

/**
 * An action for a failed message: a dead letter, a `StageFailure` in place of the result, the end of the kernel, or
 * further attempts.
 */
export type ErrorAction =
  | "dead-letter"
  | "reply"
  | "fail"
  | "retry"
  | {
      /** Maximum number of further attempts, at least 1. */
      readonly retry: number;
      readonly backoff?: Backoff | undefined;
      /**
       * Decides after each failure whether there is another attempt; without one the message becomes a dead letter.
       * `error`: the failure, with what the body threw as its `cause`. `attempt`: the number of the attempt that
       * failed, from 1. An object gives the delay before the next attempt, in milliseconds, instead of `backoff`.
       *
       * @default all failures are retried
       */
      readonly retryIf?:
        | ((error: AnyRinglineError, attempt: number) => boolean | { readonly delay: number })
        | undefined;
    };

/**
 * Policy for a failed message: keep it as a dead letter, answer it with a `StageFailure`, fail the kernel, try again
 * (3 times by default, then keep it), or a function that decides, or that returns the result.
 */
export type OnError<In, Out, Chosen extends Decision<Out> = Decision<Out>> =
  | (Chosen & Extract<ErrorAction, string>)
  | Extract<ErrorAction, object>
  | ((error: AnyRinglineError, message: In) => Chosen);

/** Decision of a function for a failed message: an action, or an output that replaces the result. */
export type Decision<Out> = ErrorAction | Out | Promise<ErrorAction | Out>;

export type Handle<In, Out, Ctx> = (message: In, ctx: Ctx) => Handled<Out> | Promise<Handled<Out>>;
/** A `Handle`; compilers print `Hint` where a body does not fit. */
// biome-ignore lint/correctness/noUnusedVariables: for its name in messages
export type HandleBody<Hint extends string, In, Out, Ctx> = (
  message: In,
  ctx: Ctx,
) => Handled<Out> | Promise<Handled<Out>>;
export type HintOf<Out> = Unless<
  Out,
  "the kernel names no `output`, so it returns nothing",
  "return messages of `output`, or undefined"
>;
/**
 * One function for each message type that a kernel takes, by type name; none may be left out. With `replies`, the first
 * output of a function is the reply that they name.
 */
export type HandleByType<In, Out, Ctx, R = {}> = [In] extends [never]
  ? never
  : {
      // by name, as the body of a type may be a union
      readonly [Name in NameIn<In>]: Name extends keyof R
        ? (message: Extract<In, Header<Name>>, ctx: Ctx) => Replied<R[Name], Out> | Promise<Replied<R[Name], Out>>
        : HandleBody<HintOf<Out>, Extract<In, Header<Name>>, Out, Ctx>;
    };
type NameIn<In> = In extends Header<infer Name> ? Name : never;
/** Result of a function whose first output is `First`; of a list, that is checked at run time. */
type Replied<First, Out> = First | readonly Out[] | undefined;

/** Properties that backends add to `ctx`, by module augmentation. */
// biome-ignore lint/suspicious/noEmptyInterface: augmented by backends
export interface BackendExtensions {}

/** A kernel's definition: data and functions. Nothing runs before a launch. */
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
/** A kernel with `replies`. */
export interface ReplyingKernel<out Id extends string, in In, out Out, out Peer extends string, out R>
  extends Kernel<Id, In, Out, Peer>,
    Replying<R> {
  as<const NewId extends string>(id: NewId): ReplyingKernel<NewId, In, Out, Peer, R>;
}
export type KernelOf<Id extends string, In, Out, Peer extends string, R> = [keyof R] extends [never]
  ? Kernel<Id, In, Out, Peer>
  : ReplyingKernel<Id, In, Out, Peer, R>;
/** Matches every kernel, also one without input. */
export type AnyKernel = Kernel;

/** Reference to a function of a stage in a topology that a module exports. Data. */
export interface StageRef {
  readonly module: string;
  readonly topology: string;
  readonly stage: string;
}

/** A kernel as hosts read it; users see `Kernel`. */
export interface KernelDefinition {
  readonly id: string;
  /** Id of the original definition, under which its module exports it. */
  readonly definedAs: string;
  readonly module: string | undefined;
  readonly input: readonly AnyMessageType[];
  readonly output: readonly AnyMessageType[];
  /** Names of the types that answer a request, by the name of its type. */
  readonly replies?: ReadonlyMap<string, readonly string[]> | undefined;
  readonly queueSize: number;
  readonly backpressure: Backpressure;
  readonly peers: Names;
  readonly needs: readonly string[];
  readonly ack: "auto" | "manual";
  readonly state: StandardSchemaV1 | undefined;
  /** Set for a state by key; `state` is then the schema of a value. */
  readonly keyed?: { readonly initial: () => unknown } | undefined;
  /** Version and migration of a state that outlives the program. */
  readonly durable?:
    | { readonly version: number; readonly migrate: ((state: unknown, version: number) => unknown) | undefined }
    | undefined;
  readonly supervise: SupervisionPlan;
  readonly onError: OnError<never, unknown>;
  /** Reference to the `onError` function of a stage, for a place that shares no memory with the host. */
  readonly onErrorAt?: StageRef | undefined;
  readonly handle: Handle<never, unknown, never> | undefined;
  /**
   * Maximum number of messages that `handle` processes at the same time.
   *
   * @default 1
   */
  readonly concurrency?: number | undefined;
  /**
   * Order of the outputs with `concurrency`.
   *
   * @default "preserve"
   */
  readonly order?: "preserve" | "unordered" | undefined;
  /** Device body of a compute kernel. `handle` is its host body. */
  readonly compute: ComputePlan | undefined;
  readonly run: ((ctx: KernelContext<never, never>) => Promise<void>) | undefined;
}

/** All strategies: the compiler rejects one that is missing here. */
const STRATEGIES: Readonly<Record<Backpressure, true>> = { block: true, reject: true, "drop-oldest": true };

export const DEFAULT_PORT: Complete<PortOptions> = Object.freeze({ queueSize: 4096, backpressure: "block" });

/** Checks and returns the options that are set. Throws `INVALID_ARGUMENT`. */
export function checkPortOptions({ queueSize, backpressure }: PortOptions): Partial<Complete<PortOptions>> {
  if (queueSize !== undefined && !(Number.isSafeInteger(queueSize) && queueSize >= 1)) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "queueSize", value: queueSize },
      { remedy: "`queueSize` is a whole number of messages, at least 1." },
    );
  }
  if (backpressure !== undefined && !Object.hasOwn(STRATEGIES, backpressure)) {
    const names = Object.keys(STRATEGIES).map((name) => `"${name}"`);
    throw new errors.INVALID_ARGUMENT(
      { argument: "backpressure", value: backpressure },
      { remedy: `\`backpressure\` is one of ${names.join(", ")}.` },
    );
  }
  return { ...(queueSize !== undefined && { queueSize }), ...(backpressure !== undefined && { backpressure }) };
}
