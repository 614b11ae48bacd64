import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { checkSchema } from "../messages/body.js";
import type { AnyMessageType, Distinct, MessageOf, OneOrMore } from "../messages/message-type.js";
import type { FailureOf } from "../topologies/topology.js";
import {
  checkId,
  idOfTarget,
  type Names,
  type RepliedBy,
  type Replies,
  type RepliesTo,
  type ReplyMessages,
} from "./address.js";
import {
  type BackendExtensions,
  checkPortOptions,
  DEFAULT_PORT,
  type Decision,
  type HandleBody,
  type HandleByType,
  type HintOf,
  type KernelDefinition,
  type KernelOf,
  type OnError,
  type PortOptions,
} from "./kernel.js";
import type { KernelContext, ManualContext, TimerContext } from "./kernel-context.js";
import type { KeyedState } from "./keyed.js";
import { checkOnError } from "./on-error.js";
import { checkCommit, NO_SUPERVISION, planSupervision, type Supervision } from "./supervision.js";

/** The options of a kernel beside its body. */
export interface KernelOptions<
  Id extends string = string,
  I extends OneOrMore = OneOrMore,
  O extends OneOrMore = OneOrMore,
  P extends Names = Names,
  S = unknown,
  X extends keyof BackendExtensions = keyof BackendExtensions,
  R extends Replies = Replies,
> extends KernelSettings<I, O, P, S, X, R> {
  /** Names the kernel in its runtime; a non-empty string. */
  readonly id: Id;
}

/** The options of a kernel beside its id and its body. Apart from the id, so that a forgotten one is the only thing that compilers name. */
export interface KernelSettings<
  I extends OneOrMore,
  O extends OneOrMore,
  P extends Names,
  S,
  X extends keyof BackendExtensions,
  R extends Replies,
> extends PortOptions {
  /** `import.meta.url`, so that a thread or host can load the kernel, which must be an export and capture nothing. */
  readonly module?: string | undefined;
  /** One message type or a list of them. A kernel without input is a source. */
  readonly input?: (I & Distinct<I>) | undefined;
  /** One message type or a list of them. A kernel without output is a sink. */
  readonly output?: (O & Distinct<O>) | undefined;
  /**
   * The reply to a request, by the name of the request's type: with `{ Get: Sum }` a request with a `Get` is a `Sum`,
   * and another reply to it is rejected with `TYPE_MISMATCH`. A list names alternatives. Replies are outputs, and need
   * not be in `output`.
   *
   * @default any output answers any request
   */
  readonly replies?: (R & RepliesTo<I, R>) | undefined;
  /** Other kernels that the body sends to, by local name; `launch` may map a name to another kernel. */
  readonly peers?: P | undefined;
  /**
   * Synchronous schema of the state that `ctx.checkpoint` saves; it must accept its own output. A `DurableState`
   * outlives the program; `keyed` makes a state by key, `ctx.state`.
   *
   * @default anything that can be copied, unchecked
   */
  // biome-ignore lint/suspicious/noExplicitAny: a schema may take anything
  readonly state?: StandardSchemaV1<any, S> | DurableState<S> | KeyedState<S> | undefined;
  /** Backend extensions that the kernel requires; `UNSUPPORTED` at launch on a backend without them. */
  readonly needs?: readonly X[] | undefined;
  /**
   * Restart policy for a body that fails or returns.
   *
   * @default no restart
   */
  readonly supervise?: Supervision | undefined;
}

/**
 * A state that outlives the program: the next program that launches the kernel, or runs its flow, starts with the
 * latest checkpoint. Needs a keeper (`keep` of the runtime, or a backend that keeps). A stage of a durable
 * flow keeps its state together with the outputs of the same input, exactly once; any other kernel keeps its latest
 * checkpoint.
 */
export interface DurableState<S> {
  readonly durable: true;
  /**
   * Version of the saved state, a whole number, at least 1.
   *
   * @default 1
   */
  readonly version?: number | undefined;
  /** Converts a state of an older version. Without it, an older state is rejected with `STATE_VERSION`. */
  readonly migrate?: ((state: unknown, version: number) => S) | undefined;
  /** As the schema `state`. */
  // biome-ignore lint/suspicious/noExplicitAny: a schema may take anything
  readonly schema?: StandardSchemaV1<any, S> | undefined;
}

/**
 * A `handle` function of one message, or one for each type of message (`handle: { Get: …, Add: … }`), whose outputs the runtime
 * correlates; or a `run` loop of your own.
 */
export type KernelBody<
  In,
  Out,
  P extends Names = {},
  S = unknown,
  Extensions = {},
  Chosen extends Decision<Out> = Decision<Out>,
  R = {},
> = OneBody<BodyHint, In, Out, P, S, Extensions, Chosen, R>;
type BodyHint = "an `id`, and one body: `handle`, a function of a message, or `run`, a loop";

/** A `KernelBody`; compilers print `Hint` where there is none, or two. */
// biome-ignore lint/correctness/noUnusedVariables: for its name in messages
type OneBody<Hint extends string, In, Out, P extends Names, S, Extensions, Chosen extends Decision<Out>, R> =
  | {
      /**
       * The body as a function of one message, or one function for each input type. Returns an output, a list of them or
       * undefined for none. An idle kernel may be called before the `send` that feeds it returns, never from within the
       * body of another kernel.
       */
      readonly handle:
        | HandleBody<HintOf<Out>, In, Out, TimerContext<Out, P, S> & Extensions>
        | HandleByType<In, Out, TimerContext<Out, P, S> & Extensions, R>;
      /**
       * Decision for a message whose `handle` throws. With "reply" a `StageFailure` replaces the result, and is an
       * output of the kernel.
       *
       * @default "dead-letter"
       */
      readonly onError?: OnError<In, Out, Chosen> | undefined;
      /**
       * Maximum number of messages that `handle` processes at the same time, an integer, at least 1: for bodies that
       * wait. Each message in progress has a `ctx` of its own, without `timer` and `checkpoint`, and is retried,
       * committed and settled by itself. A failure of the kernel concerns all of them.
       *
       * @default 1
       */
      readonly concurrency?: number | undefined;
      /**
       * Order of the outputs with `concurrency`: that of the inputs, for which outputs wait, or the fastest first.
       * Answers to requests never wait.
       *
       * @default "preserve"
       */
      readonly order?: "preserve" | "unordered" | undefined;
      readonly run?: undefined;
      readonly ack?: undefined;
    }
  | {
      /** The body as a loop of your own over `ctx`; called once for each incarnation. A normal return ends the kernel. */
      readonly run: (ctx: KernelContext<In, Out, P, S> & Extensions) => Promise<void>;
      /**
       * Moment at which a message counts as done: the next receive, or `ctx.settle`.
       *
       * @default "auto"
       */
      readonly ack?: "auto" | undefined;
      readonly handle?: undefined;
      readonly onError?: undefined;
      readonly concurrency?: undefined;
      readonly order?: undefined;
    }
  | {
      /** The body as a loop of your own over `ctx`, which settles each message by `ctx.settle`. */
      readonly run: (ctx: ManualContext<In, Out, P, S> & Extensions) => Promise<void>;
      readonly ack: "manual";
      readonly handle?: undefined;
      readonly onError?: undefined;
      readonly concurrency?: undefined;
      readonly order?: undefined;
    };

const KNOWN = [
  ...[
    "id",
    "module",
    "input",
    "output",
    "replies",
    "peers",
    "state",
    "needs",
    "queueSize",
    "backpressure",
    "supervise",
  ],
  ...["handle", "onError", "concurrency", "order", "run", "ack"],
];

/**
 * Defines a kernel: an id, input and output types, options, and a body. Nothing runs until a runtime launches the kernel.
 * Throws `INVALID_ARGUMENT` for an option that is unknown or out of range.
 *
 * @typeParam Id - the id, as a literal type: names of peers and of a runtime's `kernels` are checked against it
 * @typeParam I - input: a message type, or a list of them
 * @typeParam O - output: a message type, or a list of them
 * @typeParam P - peers by local name, as `ctx.peers` has them
 * @typeParam S - state, as the schema `state` gives it to `ctx.restored`
 * @typeParam X - backend extensions in `needs`, which `ctx` has, such as `"gpu"`
 * @typeParam E - decisions of `onError`: with `"reply"` the output includes `StageFailure`
 * @param definition - options and body
 * @returns the kernel, to launch or to use as a stage; `kernel.as(id)` is the same under another id
 *
 * @example
 * export const square = defineKernel({
 *   id: "square",
 *   module: import.meta.url,
 *   input: Num,
 *   output: Num,
 *   handle: ({ n }) => Num({ n: n * n }),
 * });
 */
export function defineKernel<
  const Id extends string,
  const I extends OneOrMore = never,
  const O extends OneOrMore = never,
  P extends Names = {},
  S = unknown,
  X extends keyof BackendExtensions = never,
  const E extends Decision<MessageOf<O> | RepliedBy<R>> = never,
  const R extends Replies = {},
>(
  definition: OneBody<
    BodyHint,
    MessageOf<I>,
    MessageOf<O> | RepliedBy<R>,
    P,
    S,
    Pick<BackendExtensions, X>,
    E,
    ReplyMessages<R, never>
  > & {
    /** Names the kernel in its runtime; a non-empty string. */
    readonly id: Id;
  } & KernelSettings<I, O, P, S, X, R>,
): KernelOf<
  Id,
  MessageOf<I>,
  MessageOf<O> | RepliedBy<R> | FailureOf<E>,
  keyof P & string,
  ReplyMessages<R, FailureOf<E>>
> {
  checkOptions(definition, KNOWN, "a kernel");
  const { id, module, run, peers = {} } = definition;
  const input = typesOf("input", definition.input);
  const handle = handleOf(definition.handle, input, id);
  const replies = repliesOf(definition.replies, input, id);
  if ((typeof handle === "function") === (typeof run === "function")) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "handle", value: handle },
      { remedy: `Give kernel "${id}" one body: either \`handle\` or \`run\`.` },
    );
  }
  if (handle !== undefined && definition.input === undefined) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "input", value: undefined },
      { remedy: `Kernel "${id}" has a \`handle\` body: name the messages that it is called with in \`input\`.` },
    );
  }
  if (module !== undefined && typeof module !== "string") {
    throw new errors.INVALID_ARGUMENT({ argument: "module", value: module }, { remedy: "Pass `import.meta.url`." });
  }
  const { schema, durable, keyed } = planState(id, definition.state as AnyState | undefined);
  const ack = definition.ack ?? "auto";
  if (ack !== "auto" && ack !== "manual") throw new errors.INVALID_ARGUMENT({ argument: "ack", value: ack });
  for (const target of Object.values(peers)) idOfTarget(target);
  const kernel: KernelDefinition = {
    id: checkId(id),
    definedAs: id,
    module,
    input,
    output: typesOf("output", [...new Set([definition.output ?? [], ...replies.values()].flat())]),
    replies: replies.size === 0 ? undefined : new Map([...replies].map(([name, types]) => [name, types.map(typeName)])),
    ...DEFAULT_PORT,
    ...checkPortOptions(definition),
    peers: { ...peers },
    needs: [...(definition.needs ?? [])],
    ack,
    state: schema,
    durable,
    keyed,
    supervise: checkCommit(planSupervision(definition.supervise, keyed && ack === "auto" ? COMMITS : undefined), ack),
    onError: checkOnError(definition.onError ?? "dead-letter") as OnError<never, unknown>,
    handle: handle as KernelDefinition["handle"],
    ...checkConcurrency(definition),
    compute: undefined,
    run: run as KernelDefinition["run"],
  };
  return named(kernel) as never;
}

function checkConcurrency({
  concurrency = 1,
  order = "preserve",
  run,
  state,
}: Partial<Record<"concurrency" | "order" | "run" | "state", unknown>>): Pick<
  KernelDefinition,
  "concurrency" | "order"
> {
  const wrong = (argument: string, value: unknown, remedy: string) =>
    new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
  if (!(Number.isSafeInteger(concurrency) && (concurrency as number) >= 1)) {
    throw wrong("concurrency", concurrency, "`concurrency` is a number of messages, at least 1.");
  }
  if (order !== "preserve" && order !== "unordered") {
    throw wrong("order", order, '`order` is "preserve" or "unordered".');
  }
  if (concurrency === 1) return {};
  if (run !== undefined) throw wrong("concurrency", concurrency, "It is for `handle`: a `run` body has its own loop.");
  if (state !== undefined) throw wrong("state", state, "Messages in progress at the same time share no state.");
  return { concurrency: concurrency as number, order };
}

type AnyState = StandardSchemaV1 | DurableState<unknown> | KeyedState<unknown>;
/** Default supervision of a kernel with a state by key, which counts together with the outputs. */
const COMMITS = { ...NO_SUPERVISION, effects: "commit" } as const;

/** Schema of a state, and how it is kept. Throws `INVALID_ARGUMENT`. */
function planState(id: string, state: AnyState | undefined) {
  if (typeof state === "object" && state !== null && "keyed" in state) {
    const { schema, initial } = state;
    if (schema !== undefined) checkSchema(schema, stateOf(id), "state");
    return { schema, durable: undefined, keyed: { initial } };
  }
  const isDurable = typeof state === "object" && state !== null && "durable" in state && !("~standard" in state);
  const schema = isDurable ? state.schema : (state as StandardSchemaV1 | undefined);
  if (schema !== undefined) checkSchema(schema, stateOf(id), "state");
  if (!isDurable) return { schema, durable: undefined, keyed: undefined };
  checkOptions(state, ["durable", "version", "migrate", "schema"], stateOf(id));
  const { version = 1, migrate } = state;
  const wrong = (argument: string, value: unknown, remedy: string) =>
    new errors.INVALID_ARGUMENT({ argument, value }, { remedy: `${stateOf(id)}: ${remedy}` });
  if (state.durable !== true) throw wrong("durable", state.durable, "`durable` is true; leave it out otherwise.");
  if (!(Number.isSafeInteger(version) && version >= 1)) {
    throw wrong("version", version, "`version` is a whole number, at least 1.");
  }
  if (migrate !== undefined && typeof migrate !== "function") {
    throw wrong(
      "migrate",
      migrate,
      "`migrate` makes a state of this version of an older one: (state, version) => state.",
    );
  }
  return { schema, durable: { version, migrate }, keyed: undefined };
}

function named(kernel: KernelDefinition): KernelDefinition & { as(id: string): KernelDefinition } {
  return Object.freeze({ ...kernel, as: (id: string) => named({ ...kernel, id: checkId(id) }) });
}

/**
 * The function of a `handle` body; one that dispatches if the body has a function for each type. Throws
 * `INVALID_ARGUMENT`.
 */
function handleOf(handle: unknown, input: readonly AnyMessageType[], id: string): unknown {
  if (typeof handle !== "object" || handle === null) return handle;
  const names = input.map(typeName);
  checkOptions(handle, names, `\`handle\` of kernel "${id}"`, { path: "handle." });
  const byType = new Map(
    Object.entries(handle as Readonly<Record<string, (message: AnyMessage, ctx: unknown) => unknown>>),
  );
  const missing = names.find((name) => typeof byType.get(name) !== "function");
  if (missing !== undefined) {
    const remedy = `Kernel "${id}" takes ${names.join(", ")}: give \`handle\` a function for each.`;
    throw new errors.INVALID_ARGUMENT({ argument: `handle.${missing}`, value: byType.get(missing) }, { remedy });
  }
  return (message: AnyMessage, ctx: unknown) => byType.get(message.type)?.(message, ctx);
}

/** Types that answer a request, by the name of its type. Throws `INVALID_ARGUMENT`. */
function repliesOf(replies: Replies | undefined, input: readonly AnyMessageType[], id: string) {
  const byName = new Map<string, readonly AnyMessageType[]>();
  if (replies === undefined) return byName;
  checkOptions(replies, input.map(typeName), `\`replies\` of kernel "${id}"`, { path: "replies." });
  for (const [name, given] of Object.entries(replies)) {
    if (given === undefined) continue;
    const types = typesOf(`replies.${name}`, given);
    if (types.length === 0) {
      const remedy = "Name the message type that answers, or leave the entry out.";
      throw new errors.INVALID_ARGUMENT({ argument: `replies.${name}`, value: given }, { remedy });
    }
    byName.set(name, types);
  }
  return byName;
}

const typeName = ({ type }: AnyMessageType): string => type;

/** Name of a kernel's state in errors. */
export function stateOf(id: string): string {
  return `state of "${id}"`;
}

/** Throws `INVALID_ARGUMENT` for a value that is not a message type. */
export function typesOf(argument: string, types: OneOrMore | undefined): readonly AnyMessageType[] {
  if (types === undefined) return [];
  const list = Array.isArray(types) ? (types as AnyMessageType[]) : [types as AnyMessageType];
  for (const type of list) {
    if (typeof type !== "function" || typeof type.type !== "string" || typeof type.is !== "function") {
      throw new errors.INVALID_ARGUMENT(
        { argument, value: type },
        { remedy: "Pass a message type made by defineMessage, or a list of them." },
      );
    }
  }
  for (const type of list) {
    if (list.some((other) => other !== type && other.type === type.type)) {
      const remedy = `Two different message types have the name "${type.type}", which identifies messages: rename one.`;
      throw new errors.INVALID_ARGUMENT({ argument, value: type.type }, { remedy });
    }
  }
  return list;
}

/** Definition behind a kernel; undefined for a handle, a peer or anything else. */
export function definitionOf(kernel: unknown): KernelDefinition | undefined {
  const definition = kernel as KernelDefinition | null | undefined;
  return typeof definition?.definedAs === "string" ? definition : undefined;
}
