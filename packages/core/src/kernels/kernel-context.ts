import type { Unless } from "../messages/unless.js";
import type { BatchOptions, WaitOptions } from "../time/wait-options.js";
import type { InOf, KernelRef, Names, OutOf, Resolve, Target } from "./address.js";

/** A message that is answered; otherwise a sentence, which the compiler then prints. */
export type Answered<Reply, In> = Unless<Reply, "nothing answers a request here: the kernel has no output", In>;

/** Something with an output: what has none answers no request, which then does not compile. */
export interface WithOutput {
  // biome-ignore lint/suspicious/noExplicitAny: any value is an output, unless there is none
  readonly "~answers"?: (output: any) => void;
}

/** The two ends of what runs. */
export interface Exchange<in In, out Out> {
  /** Resolves on acceptance. Rejects with `QUEUE_FULL`, `TIMEOUT`, `ABORTED`, `TERMINATED`, `KERNEL_FAILED`, `TYPE_MISMATCH`. */
  send(message: In, options?: WaitOptions): Promise<void>;
  /** The next output. Rejects with `TIMEOUT`, `ABORTED`, `TERMINATED`, `KERNEL_FAILED`, `PORT_LINKED`. */
  receive(options?: WaitOptions): Promise<Out>;
  /**
   * Sends, and resolves with the answer to this very message, or rejects at once with what failed on the way:
   * what the kernel threw, `NO_REPLY` when it finished without an answer, and whatever `send` rejects with. Does not compile where
   * nothing is sent back.
   */
  request(this: WithOutput, message: In, options?: WaitOptions): Promise<Out>;
  /** For the compiler alone. A method, as its parameter must not take part in what is assignable to what. */
  "~answers"?(output: Out): void;
}

/** Another kernel, seen from inside one. */
export interface Peer<in In, out Out> extends KernelRef<In, Out>, Exchange<In, Out> {}

export type Log = Readonly<Record<"debug" | "info" | "warn" | "error", (text: string, fields?: object) => void>>;

/** The context of a body, be it a function of one message or a loop. */
export interface HandleContext<in Out = never, out P extends Names = {}, S = unknown> {
  readonly kernelId: string;
  readonly shouldTerminate: boolean;
  readonly isActive: boolean;
  /** Aborts when the kernel is asked to terminate. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /**
   * Resolves when the kernel is active, and when it is asked to terminate: `shouldTerminate` tells which, so that a loop ends
   * by its own condition and what stands behind it runs. Rejects with `TIMEOUT`, `ABORTED`, and with `TERMINATED` once the
   * kernel has ended.
   */
  waitActive(options?: WaitOptions): Promise<void>;
  /** Resolves on acceptance. The first output that answers a request goes to whoever made it. */
  send(message: Out, options?: WaitOptions): Promise<undefined>;
  /**
   * Runs `emit` whenever a flush passes, behind all that came before it: when the source of a flow's `process` has ended,
   * and at the end of `drain`. What it sends counts as an input of its own. Outside a flow it never runs.
   */
  onFlush(emit: () => void | Promise<void>): void;
  /**
   * Saves a copy of a state for the lives to come, in memory that outlives this one: after a crash the next one finds it in
   * `restored`. With `effects: "commit"` it counts from the moment when what is in hand settles, so that a retry neither
   * doubles nor loses it; otherwise from the moment when this resolves. Of several checkpoints the last one counts. A new
   * launch, also under the same id, begins with none. Rejects with `INVALID_MESSAGE` for what fails the kernel's `state`
   * schema, `SERIALIZATION` for what cannot be copied, `TERMINATED`.
   */
  checkpoint(state: S): Promise<void>;
  /** A copy of what was saved last, by this life or one before; undefined when nothing was. */
  readonly restored: S | undefined;
  /** The kernels declared in `peers`: `ctx.peers.resize.request(image, { timeout: 5000 })`. */
  readonly peers: { readonly [Name in keyof P]: Peer<InOf<P[Name]>, OutOf<P[Name]>> };
  sendTo<T extends Target<P>>(peer: T, message: InOf<Resolve<T, P>>, options?: WaitOptions): Promise<undefined>;
  receiveFrom<T extends Target<P>>(peer: T, options?: WaitOptions): Promise<OutOf<Resolve<T, P>>>;
  request<T extends Target<P>>(
    peer: T,
    message: Answered<OutOf<Resolve<T, P>>, InOf<Resolve<T, P>>>,
    options?: WaitOptions,
  ): Promise<OutOf<Resolve<T, P>>>;
}

/**
 * The context of a `run` body, with its input. Loops over it pause while the kernel is deactivated and end when it is
 * terminated.
 */
export interface KernelContext<out In = never, in Out = never, out P extends Names = {}, S = unknown>
  extends HandleContext<Out, P, S>,
    AsyncIterable<In> {
  /** The next message; with `ack: "auto"` the one before it is then done. Rejects with `TIMEOUT`, `ABORTED`, `TERMINATED`. */
  receive(options?: WaitOptions): Promise<In>;
  /** A message that is there already, or undefined. */
  tryReceive(): In | undefined;
  /** At least one message, more as `max` and `linger` allow. Rejects as `receive` does. */
  receiveBatch(options: BatchOptions & WaitOptions): Promise<In[]>;
  batches(options: BatchOptions): AsyncIterable<In[]>;
}

/** The context of a `run` body with `ack: "manual"`. */
export interface ManualContext<in out In = never, in Out = never, out P extends Names = {}, S = unknown>
  extends KernelContext<In, Out, P, S> {
  /** Settles a message as done. Throws `INVALID_ARGUMENT` for a message that is not in flight. */
  settle(message: In): void;
}
