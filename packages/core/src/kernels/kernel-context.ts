import type { Unless } from "../messages/body.js";
import type { Clock } from "../time/clock.js";
import type { BatchOptions, WaitOptions } from "../time/wait-options.js";
import type { AnyRef, IdIn, InOf, KernelRef, Names, OutOf, Reply, Replying, ReplyOf, Resolve } from "./address.js";
import type { StateOf } from "./keyed.js";

/** The type of an answer; without one, a sentence that the compiler prints. */
export type Answered<Reply, In> = Unless<Reply, "nothing answers a request here: the kernel has no output", In>;

/** A target with an output: a request to one without an output does not compile. */
export interface WithOutput {
  // biome-ignore lint/suspicious/noExplicitAny: any value is an output, unless there is none
  readonly "~answers"?: (output: any) => void;
}

/** The input and output of a kernel or flow. */
export interface Exchange<in In, out Out> {
  /**
   * Sends a message. Resolves when it is accepted. Rejects with `QUEUE_FULL`, `TIMEOUT`, `ABORTED`, `TERMINATED`,
   * `KERNEL_FAILED`, `TYPE_MISMATCH`.
   */
  send(message: In, options?: WaitOptions): Promise<void>;
  /** Waits for the next output. Rejects with `TIMEOUT`, `ABORTED`, `TERMINATED`, `KERNEL_FAILED`, `PORT_LINKED`. */
  receive(options?: WaitOptions): Promise<Out>;
  /**
   * Sends a message and resolves to the answer to this very message. Rejects at once with a failure on the way: the
   * kernel's exception, `NO_REPLY` when it finished without an answer, and the errors of `send`. Does not compile for
   * a target without output.
   */
  request(this: WithOutput, message: In, options?: WaitOptions): Promise<Out>;
  /** For the compiler only. A method, because its parameter must not take part in assignability. */
  "~answers"?(output: Out): void;
}

/** Another kernel, as a body sees it. */
export interface Peer<in In, out Out> extends KernelRef<In, Out>, Exchange<In, Out> {}
/** Another kernel with `replies`, as a body sees it. */
export interface ReplyingPeer<in In, out Out, R> extends Peer<In, Out>, Replying<R> {
  /** As for any peer; resolves to the reply that `replies` names for the message. */
  request<M extends In>(this: WithOutput, message: M, options?: WaitOptions): Promise<Reply<R, M, Out>>;
}
/** A kernel of `peers` as a body sees it. */
export type PeerOf<T> = T extends Replying<infer R> ? ReplyingPeer<InOf<T>, OutOf<T>, R> : Peer<InOf<T>, OutOf<T>>;

/** The log of a body: a function for each level, of a text and of fields that belong to it. */
export type Log = Readonly<Record<"debug" | "info" | "warn" | "error", (text: string, fields?: object) => void>>;

/** The context of a body, be it a function of one message or a loop. */
export interface HandleContext<in Out = never, out P extends Names = {}, S = unknown> {
  /** Id under which the kernel was launched. */
  readonly kernelId: string;
  /** True once the kernel is asked to terminate: the condition of a loop, `while (!ctx.shouldTerminate)`. */
  readonly shouldTerminate: boolean;
  /** True while the kernel is active; false before its activation and while it is deactivated. */
  readonly isActive: boolean;
  /** Aborts when the kernel is asked to terminate; pass it to whatever the body awaits: `fetch(url, { signal })`. */
  readonly signal: AbortSignal;
  /** Writes to the log: an event `log` of the runtime, which is printed if nobody listens: `ctx.log.warn("late", { n })`. */
  readonly log: Log;
  /** The clock of the place, for times and waits of the body; in tests that of the runtime. */
  readonly clock: Clock;
  /**
   * Resolves when the kernel is active, and when it is asked to terminate; `shouldTerminate` distinguishes the two,
   * so that a loop ends by its own condition and the code after it runs. Rejects with `TIMEOUT`, `ABORTED`, and with
   * `TERMINATED` once the kernel has ended.
   */
  waitActive(options?: WaitOptions): Promise<void>;
  /**
   * Sends an output. Resolves when it is accepted. The first output that answers a request goes to the requester. A
   * `handle` body may return its outputs instead. Rejects with `QUEUE_FULL`, `TIMEOUT`, `ABORTED`, `TERMINATED`,
   * `TYPE_MISMATCH`.
   *
   * @example
   * await ctx.send(Sum({ total }), { timeout: 1000 });
   */
  send(message: Out, options?: WaitOptions): Promise<undefined>;
  /**
   * Registers `emit`, which runs whenever a flush passes, after all messages before it: when the source of a flow's
   * `process` has ended, and at the end of `drain`. Messages that it sends count as inputs of their own. Outside a
   * flow it never runs.
   */
  onFlush(emit: () => void | Promise<void>): void;
  /**
   * Saves a copy of a state for later incarnations, in memory that outlives this one: after a crash the next
   * incarnation finds it in `restored`. With `effects: "commit"` the state counts from the moment when the messages
   * in flight settle, so that a retry neither repeats nor loses it; otherwise from the moment when this resolves. Of
   * several checkpoints the last one counts. A new launch, also with the same id, starts without a state. Rejects
   * with `INVALID_MESSAGE` for a state that fails the kernel's `state` schema, `SERIALIZATION` for one that cannot be
   * copied, `TERMINATED`.
   *
   * @example
   * let { count } = ctx.restored ?? { count: 0 };
   * for await (const message of ctx) await ctx.checkpoint({ count: ++count });
   */
  checkpoint(state: S): Promise<void>;
  /** A copy of the state saved last, by this incarnation or an earlier one; undefined without one. */
  readonly restored: S | undefined;
  /** The state by key, of a kernel with `state: keyed(…)`; undefined for any other. */
  readonly state: StateOf<S>;
  /** The kernels declared in `peers`: `ctx.peers.resize.request(image, { timeout: 5000 })`. */
  readonly peers: { readonly [Name in keyof P]: PeerOf<P[Name]> };
  /**
   * Sends a message to a peer, by its local name or as a kernel, and waits for no answer. Resolves when it is accepted.
   * Rejects as `send` of the runtime does.
   *
   * @example
   * await ctx.sendTo("audit", Entry({ text: "paid" }));
   */
  sendTo<T extends AnyRef | IdIn<P>>(peer: T, message: InOf<Resolve<T, P>>, options?: WaitOptions): Promise<undefined>;
  /** Waits for the next output of a peer. Rejects as `receive` of the runtime does. */
  receiveFrom<T extends AnyRef | IdIn<P>>(peer: T, options?: WaitOptions): Promise<OutOf<Resolve<T, P>>>;
  /**
   * Sends a message to a peer and resolves to the answer to this very message. Rejects as `request` of the runtime does,
   * and with `EXPIRED` once the deadline of the message in flight has passed.
   *
   * @example
   * const { n } = await ctx.request("square", Num({ n: 3 }), { timeout: 1000 });
   */
  request<T extends AnyRef | IdIn<P>, M extends Answered<OutOf<Resolve<T, P>>, InOf<Resolve<T, P>>>>(
    peer: T,
    message: M,
    options?: WaitOptions,
  ): Promise<ReplyOf<Resolve<T, P>, M>>;
}

/**
 * Result of a `handle` body: one output, several, or undefined for none; nothing at all if the kernel has no output.
 * A forgotten `return` therefore does not compile: write `return undefined` if the outputs were sent by `ctx.send`.
 */
export type Handled<Out> = Out | readonly Out[] | ([Out] extends [never] ? void : undefined);

/** Options of a timer. */
export interface TimerOptions {
  /**
   * Any value. A timer replaces the one with the same key.
   *
   * @default a key of its own
   */
  readonly key?: unknown;
}

/** The context of a `handle` body. */
export interface TimerContext<in Out = never, out P extends Names = {}, S = unknown> extends HandleContext<Out, P, S> {
  /**
   * Calls `fire` once, `delay` milliseconds later, in turn with the messages: `fire` begins when no message is being
   * processed, and the next message is delivered when what `fire` returns has settled. Its result is sent like that of
   * `handle`. A deactivated kernel calls its timers when it is active again. Timers end with the incarnation: with a
   * crash, a move, a swap, and as soon as the kernel is asked to end. An exception of `fire` ends the incarnation, and
   * supervision decides.
   *
   * @param delay - milliseconds, 0 or more
   * @param fire - called without a message; its outputs are sent without a cause
   * @param options - `key`
   * @returns a function that cancels the timer
   * @throws `INVALID_ARGUMENT`, `TERMINATED`
   */
  timer(delay: number, fire: () => Handled<Out> | Promise<Handled<Out>>, options?: TimerOptions): () => void;
}

/**
 * The context of a `run` body, with its input. Loops over it pause while the kernel is deactivated and end when it is
 * terminated.
 */
export interface KernelContext<out In = never, in Out = never, out P extends Names = {}, S = unknown>
  extends HandleContext<Out, P, S>,
    AsyncIterable<In> {
  /**
   * Waits for the next message; with `ack: "auto"` the previous one is done then. Rejects with `TIMEOUT`, `ABORTED`,
   * `TERMINATED`.
   *
   * @example
   * while (!ctx.shouldTerminate) {
   *   const message = await ctx.receive();
   *   await ctx.send(Num({ n: message.n + 1 }));
   * }
   */
  receive(options?: WaitOptions): Promise<In>;
  /** Takes a queued message; returns undefined if there is none. */
  tryReceive(): In | undefined;
  /** Waits for a batch of at least one message, more as `max` and `linger` allow. Rejects as `receive` does. */
  receiveBatch(options: BatchOptions & WaitOptions): Promise<In[]>;
  /**
   * Iterates over batches of at least one message, as `receiveBatch` returns them, until the kernel is asked to
   * terminate.
   *
   * @example
   * for await (const batch of ctx.batches({ max: 100, linger: 20 })) await save(batch);
   */
  batches(options: BatchOptions): AsyncIterable<In[]>;
}

/** The context of a `run` body with `ack: "manual"`. */
export interface ManualContext<in out In = never, in Out = never, out P extends Names = {}, S = unknown>
  extends KernelContext<In, Out, P, S> {
  /** Settles a message as done. Throws `INVALID_ARGUMENT` for a message that is not in flight. */
  settle(message: In): void;
}
