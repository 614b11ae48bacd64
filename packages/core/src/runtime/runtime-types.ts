import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Flow, FlowOptions, StageLoad } from "../flows/flow-types.js";
import type {
  AnyRef,
  IdIn,
  InOf,
  KernelRef,
  Linked,
  Names,
  OutOf,
  Reply,
  Replying,
  ReplyOf,
  Resolve,
  Typed,
} from "../kernels/address.js";
import type { AnyKernel, PortOptions } from "../kernels/kernel.js";
import type { Answered, WithOutput } from "../kernels/kernel-context.js";
import type { Supervision } from "../kernels/supervision.js";
import type { Header } from "../messages/header.js";
import type { Backend, ConnectionChange, DeviceChange, Keep } from "../seam/backend.js";
import type { KernelTelemetry, Ledger, TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { SendOptions, WaitOptions } from "../time/wait-options.js";
import type { Runnable, RunsOn } from "../topologies/pipeline.js";
import type { Channel, TerminateOptions } from "./channel.js";
import type { DeadLetter, DeadLetters } from "./dead-letters.js";
import type { ListenOptions } from "./events.js";
import type { Inspection } from "./inspection.js";
import type { KernelState } from "./kernel-state.js";
import type { MoveOptions, SwapOptions, TuneOptions } from "./move-options.js";
import type { ConnectOptions } from "./output-route.js";

/** The host's handle of a launched kernel. */
export interface KernelHandle<in In = never, out Out = unknown> extends KernelRef<In, Out>, Channel<In, Out> {
  readonly state: KernelState;
  /** As for any channel, now or later. */
  send(message: In, options?: SendOptions): Promise<void>;
  /**
   * Starts or resumes delivery: launched or deactivated → active. Rejects with `KERNEL_STATE`; with `TIMEOUT` or
   * `ABORTED` if its place does not respond: the kernel then becomes active as soon as the place does. The same holds
   * for `deactivate` and `reactivate`.
   */
  activate(options?: WaitOptions): Promise<void>;
  /** Stops delivery: active → deactivated. Once it resolves, nothing more is delivered. Rejects with `KERNEL_STATE`. */
  deactivate(options?: WaitOptions): Promise<void>;
  /** Resumes delivery as `activate` does, of a deactivated kernel only. Rejects with `KERNEL_STATE`. */
  reactivate(options?: WaitOptions): Promise<void>;
  /** Returns a queued output or undefined, as `tryReceive` of the runtime does. */
  tryReceive(): Out | undefined;
  telemetry(): Promise<KernelTelemetry>;
}

/** The host's handle of a launched kernel with `replies`. */
export interface ReplyingHandle<in In, out Out, R> extends KernelHandle<In, Out>, Replying<R> {
  /** As for any handle; resolves to the reply that `replies` names for the message. */
  request<M extends In>(this: WithOutput, message: M, options?: WaitOptions): Promise<Reply<R, M, Out>>;
}

/** The handle of a launched kernel: `let squares: HandleOf<typeof square>`. */
export type HandleOf<K extends AnyRef> = [K] extends [Replying<infer R>]
  ? ReplyingHandle<InOf<K>, OutOf<K>, R>
  : KernelHandle<InOf<K>, OutOf<K>>;

/**
 * Options of a launch. When `timeout` or `signal` ends the wait, nothing of the kernel is left: its id can be
 * launched again.
 */
export interface LaunchOptions<Place extends string = string, Peer extends string = string>
  extends PortOptions,
    WaitOptions {
  /**
   * Id of the launched kernel.
   *
   * @default the kernel's own
   */
  readonly id?: string | undefined;
  /**
   * Name of the backend.
   *
   * @default the runtime's default backend
   */
  readonly backend?: Place | undefined;
  /** Overrides the kernel's own options, one by one. */
  readonly supervise?: Supervision | undefined;
  /** Maps the kernel's local names of peers to other kernels. */
  readonly peers?: { readonly [Name in Peer]?: string | AnyRef | undefined } | undefined;
}

/** Events of a runtime, by name, with what a listener gets. */
export interface RuntimeEvents {
  /** A kernel threw, or its messages could not be delivered. Printed to the console without a listener. */
  error: AnyRinglineError;
  deadLetter: DeadLetter;
  state: { readonly kernelId: string; readonly from: KernelState; readonly to: KernelState };
  /** `drop-oldest` dropped a message to make room. */
  drop: { readonly kernelId: string; readonly message: Header };
  /**
   * A kernel gets a new incarnation in `delay` milliseconds; `attempt` counts restarts from 1 since its launch. `error`:
   * its failure; null for a body that returned or a restart that was asked for.
   */
  restart: {
    readonly kernelId: string;
    readonly attempt: number;
    readonly delay: number;
    readonly error: AnyRinglineError | null;
  };
  /**
   * A kernel called `ctx.log`, or, while `NODE_ENV` is not "production", has ended with outputs that nobody ever read.
   * Printed to the console without a listener.
   */
  log: {
    readonly kernelId: string;
    readonly level: "debug" | "info" | "warn" | "error";
    readonly text: string;
    readonly fields: object | undefined;
  };
  /**
   * A kernel was moved from one backend to another, or to another thread, at the request of `by`, with `messages` queued
   * messages. It received nothing for `pause` milliseconds.
   */
  relocated: {
    readonly kernelId: string;
    readonly from: string;
    readonly to: string;
    readonly messages: number;
    readonly pause: number;
    readonly by: string;
  };
  /**
   * A kernel got other limits, at the request of `by`: `rate` is that of one worker, Infinity for none. It received
   * nothing for `pause` milliseconds.
   */
  tuned: {
    readonly kernelId: string;
    readonly queueSize: number;
    readonly rate: number;
    readonly pause: number;
    readonly by: string;
  };
  /** A kernel got another definition, at the request of `by`. It received nothing for `pause` milliseconds. */
  swapped: { readonly kernelId: string; readonly pause: number; readonly by: string };
  /**
   * A stage got another number of workers, at the request of `by`. Its workers received nothing for at most `pause`
   * milliseconds; `messages` queued messages were dealt among them anew. `load`: the figures that led to an automatic
   * change; null for one that was asked for.
   */
  scaled: {
    readonly flow: string;
    readonly stage: string;
    readonly from: number;
    readonly to: number;
    readonly messages: number;
    readonly pause: number;
    readonly by: string;
    readonly load: StageLoad | null;
  };
  /**
   * An output has waited for a second for room in a linked kernel or for a receiver, or a request for the activation of
   * a launched kernel, or, in development, a `process` of the flow `kernelId` for a loop that reads it. Printed to the
   * console without a listener. A slow answer is no stall: `inspect()` shows who waits for one.
   */
  stalled: { readonly kernelId: string; readonly waitsOn: string };
  /**
   * A durable flow was taken over from its keeper, in `took` milliseconds, with `records` stored records and `inputs`
   * inputs that were not done; the inputs are processed now.
   */
  recovered: {
    readonly flow: string;
    readonly took: number;
    readonly records: number;
    readonly inputs: number;
  };
  /** A device was opened, or lost: its work is repeated on the next one, or handled as the backend's options say. */
  device: DeviceChange & { readonly backend: string };
  /**
   * The connection to other machines of a backend was lost, refused or restored; messages of the meantime are sent
   * after the restoration. A refused connection is retried. Printed to the console without a listener.
   */
  connection: ConnectionChange & { readonly backend: string };
}

/** Options of a runtime beside its backends. */
export interface RuntimeOptions<B extends Record<string, Backend>, K extends readonly AnyKernel[]> {
  /** Kernels known by id, so that ids are typed in `launch`, `send`, `receive`, … */
  readonly kernels?: K | undefined;
  /**
   * Name of the backend of kernels whose launch names none.
   *
   * @default the first of `backends`
   */
  readonly defaultBackend?: (keyof B & string) | undefined;
  /**
   * Latencies and throughput; the ledger is always on.
   *
   * @default `{ window: 10_000 }`
   */
  readonly telemetry?: false | Partial<TelemetryOptions> | undefined;
  /**
   * Maximum number of dead letters, at least 1; beyond it the oldest is evicted and counted.
   *
   * @default 10_000
   */
  readonly deadLetterLimit?: number | undefined;
  /**
   * Keeper for stages with `durable: true`, such as `sqlite("./state.db")` of `@ringline/sqlite`.
   *
   * @default a durable backend of this runtime
   */
  readonly keep?: Keep;
  /**
   * Keeps dead letters under this name, where durable flows are kept: later programs with this name list, replay and
   * discard them. One program at a time keeps dead letters by a name. A non-empty text.
   *
   * @default in memory only
   */
  readonly keepDeadLetters?: string | undefined;
  /**
   * Source of time for time-outs, deadlines, backoff and linger. For tests: `virtualClock()` of
   * `@ringline/core/testing`. Until dispose the messages of this thread expire by it, those for other runtimes too.
   *
   * @default the system's clock
   */
  readonly clock?: Clock | undefined;
}

type ById<K extends AnyKernel> = { readonly [One in K as One["id"]]: One };
type At<All, Id extends PropertyKey> = All extends Readonly<Record<Id, infer One extends AnyRef>> ? One : never;
type KnownId<Id> = string extends Id ? never : Id;
/**
 * Kernels by id; empty if the compiler does not know the ids. Each is one look-up in a type that is computed once, so
 * that compile time grows linearly with the number of kernels.
 */
export type NamesOf<K extends readonly AnyKernel[]> = {
  readonly [Id in KnownId<K[number]["id"]>]: At<ById<K[number]>, Id>;
};
/** Kernels that take what `K` takes and send what it sends; any kernel if `K` is an id without types. */
type Alike<K> = [Header] extends [InOf<K>] ? AnyKernel : AnyKernel & Typed<InOf<K>, OutOf<K>>;
type PeersOf<R> = R extends AnyKernel ? R["~peers"] : string;
/**
 * Launches kernels and topologies on its backends, and carries messages between them and the host. `Place`: the names
 * of its backends. `N`: the kernels it knows by id. `Runtime` without arguments is any runtime.
 */
export interface Runtime<Place extends string = string, N extends Names = {}> extends AsyncDisposable {
  /**
   * Opens the kernel's ports and starts its body, inactive. Rejects with `KERNEL_UNKNOWN`, `KERNEL_EXISTS`,
   * `UNSUPPORTED`, `BACKEND_UNAVAILABLE`, `THREAD_LOST`, `MODULE_MISSING`, `INVALID_ARGUMENT`, with `TIMEOUT`,
   * `ABORTED`, and with `TERMINATED` once the runtime is disposed. `start` also activates it.
   *
   * @example
   * const squares = await runtime.launch(square, { backend: "threads", queueSize: 100 });
   * await squares.activate();
   */
  launch<T extends AnyKernel | (keyof N & string)>(
    kernel: T,
    options?: LaunchOptions<Place, PeersOf<Resolve<T, N>>>,
  ): Promise<HandleOf<Resolve<T, N>>>;
  /**
   * Launches a kernel and activates it, both within `timeout`; returns its handle. Rejects as `launch` does.
   *
   * @example
   * const squares = await runtime.start(square);
   * const { n } = await squares.request(Num({ n: 3 }), { timeout: 1000 });
   */
  start<T extends AnyKernel | (keyof N & string)>(
    kernel: T,
    options?: LaunchOptions<Place, PeersOf<Resolve<T, N>>>,
  ): Promise<HandleOf<Resolve<T, N>>>;
  /** Starts or resumes delivery to a kernel, as `activate` of its handle does. */
  activate(target: AnyRef | IdIn<N>, options?: WaitOptions): Promise<void>;
  /** Stops delivery to a kernel, as `deactivate` of its handle does. */
  deactivate(target: AnyRef | IdIn<N>, options?: WaitOptions): Promise<void>;
  /** Resumes delivery to a deactivated kernel, as `reactivate` of its handle does. */
  reactivate(target: AnyRef | IdIn<N>, options?: WaitOptions): Promise<void>;
  /** Ends a kernel. Resolves when it has ended; a kernel that has ended already resolves at once. */
  terminate(target: AnyRef | IdIn<N>, options?: TerminateOptions): Promise<void>;
  /**
   * Sends a message to a kernel, now or later. Resolves when it is accepted. Rejects with `QUEUE_FULL`, `TIMEOUT`,
   * `ABORTED`, `TERMINATED`, `KERNEL_FAILED`, `KERNEL_UNKNOWN`, `TYPE_MISMATCH`, `INVALID_ARGUMENT`.
   *
   * @example
   * await runtime.send(square, Num({ n: 3 }), { timeout: 1000 });
   */
  send<T extends AnyRef | IdIn<N>>(
    target: T,
    message: NoInfer<InOf<Resolve<T, N>>>,
    options?: SendOptions,
  ): Promise<void>;
  /**
   * Waits for the next output of a kernel. Rejects with `TIMEOUT`, `ABORTED`, `TERMINATED`, `KERNEL_FAILED`,
   * `KERNEL_UNKNOWN`, `PORT_LINKED`.
   *
   * @example
   * const { n } = await runtime.receive(square, { timeout: 1000 });
   */
  receive<T extends AnyRef | IdIn<N>>(target: T, options?: WaitOptions): Promise<OutOf<Resolve<T, N>>>;
  /**
   * Returns a queued output, or undefined if there is none at the moment. Throws what `receive` rejects with if none
   * will come: `TERMINATED`, `KERNEL_FAILED`, `PORT_LINKED`.
   */
  tryReceive<T extends AnyRef | IdIn<N>>(target: T): OutOf<Resolve<T, N>> | undefined;
  /**
   * Sends a message to a kernel and resolves to the answer to this very message. Rejects at once with a failure on the
   * way: the kernel's exception, `NO_REPLY` when it finished without an answer, and the errors of `send`. Without a
   * `timeout` it waits as long as the kernel runs.
   *
   * @example
   * const { n } = await runtime.request(square, Num({ n: 3 }), { timeout: 1000 });
   */
  request<T extends AnyRef | IdIn<N>, M extends Answered<OutOf<Resolve<T, N>>, InOf<Resolve<T, N>>>>(
    target: T,
    message: M,
    options?: WaitOptions,
  ): Promise<ReplyOf<Resolve<T, N>, M>>;
  /**
   * Moves a launched kernel to another backend or thread, with its queue, its latest checkpoint and its order. It
   * finishes the message in flight; senders and links follow. Rejects with `KERNEL_UNKNOWN`, `TERMINATED`,
   * `INVALID_ARGUMENT`, `UNSUPPORTED`, `TIMEOUT`, `ABORTED`, and with what `launch` there rejects with; the kernel then
   * runs where it was.
   */
  move(target: AnyRef | IdIn<N>, options: MoveOptions<Place>): Promise<void>;
  /**
   * Gives a launched kernel another definition: new code works on the same queue, with the same senders. It takes and
   * sends the same message types; queue size, backpressure and the mapping of peers stay those of the launch. Rejects
   * with `KERNEL_UNKNOWN`, `TERMINATED`, `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `UNSUPPORTED`, `TIMEOUT`, `ABORTED`, with
   * what `migrate` throws and what `launch` rejects with; the kernel then runs on as it was.
   */
  swap<T extends AnyRef | IdIn<N>>(target: T, definition: Alike<Resolve<T, N>>, options?: SwapOptions): Promise<void>;
  /**
   * Changes the queue size of a launched kernel. Messages that are queued stay, whatever the new size; senders wait until
   * there is room. Rejects as `move` does.
   */
  tune(target: AnyRef | IdIn<N>, options: TuneOptions): Promise<void>;
  /**
   * Links the output of a kernel to the input of another; queued outputs go first. `mode` is required from the second
   * link on, and is fixed: every link gets every output, or the links take turns, skipping those that have ended.
   * Rejects with `KERNEL_UNKNOWN`, `TYPE_MISMATCH`, `TERMINATED`, `PORT_LINKED` (without a mode, or for a pair that
   * is linked already), `INVALID_ARGUMENT`; with `TIMEOUT` or `ABORTED` if the target has no room for the queued
   * outputs: then there is no link, and the outputs that it did not take are still queued.
   *
   * @example
   * await runtime.connect(parse, square);
   * await runtime.connect(parse, archive, { mode: "broadcast" });
   */
  connect<A extends AnyRef | IdIn<N>, B extends AnyRef | IdIn<N>>(
    from: A,
    to: Linked<OutOf<Resolve<A, N>>, B, Resolve<B, N>>,
    options?: ConnectOptions,
  ): Promise<void>;
  /**
   * Removes a link: outputs go to the other links, or wait for a receiver as before the first one. What the target has
   * accepted stays there, and so does an output that waits for room in it. Rejects with `KERNEL_UNKNOWN`, and with
   * `INVALID_ARGUMENT` where the two are not linked.
   */
  disconnect(from: AnyRef | IdIn<N>, to: AnyRef | IdIn<N>, options?: WaitOptions): Promise<void>;
  /**
   * Forgets an ended kernel, so that its id is unknown again. Unread outputs become dead letters; its ledger stays part
   * of what `dispose` returns. Rejects with `KERNEL_UNKNOWN`, with `KERNEL_STATE` for a kernel that has not ended, with
   * `PORT_LINKED` for a stage of a flow.
   */
  forget(target: AnyRef | IdIn<N>): Promise<void>;
  /**
   * Launches the stages of a topology and starts them. Rejects with `INVALID_ARGUMENT`, `INVALID_TOPOLOGY`,
   * `KERNEL_EXISTS`, `UNSUPPORTED`, `BACKEND_UNAVAILABLE`.
   *
   * @example
   * await using flow = await runtime.run(pipeline("stats").stage(parse).stage(square));
   * for await (const result of flow.process(source)) console.log(result);
   */
  run<T extends Runnable>(topology: RunsOn<Place, T>, options?: FlowOptions): Promise<Flow<InOf<T>, OutOf<T>>>;
  /** Returns the state of a kernel, such as "active". Throws `KERNEL_UNKNOWN`. */
  state(target: AnyRef | IdIn<N>): KernelState;
  /** Reads the figures of one kernel. Rejects with `KERNEL_UNKNOWN`. */
  telemetry(target: AnyRef | IdIn<N>): Promise<KernelTelemetry>;
  /**
   * Reads the figures of every launched kernel, by id; of those that have ended and whose outputs were read, at least the
   * latest 1,000.
   */
  telemetry(): Promise<ReadonlyMap<string, KernelTelemetry>>;
  /** Shows which kernel waits for which, and the cycles of kernels that wait for each other. */
  inspect(): Promise<Inspection>;
  /** The launched kernels, with their states and backends. */
  readonly kernels: readonly { readonly id: string; readonly state: KernelState; readonly backend: Place }[];
  /** Names of its backends. */
  readonly backends: readonly Place[];
  /** The running flows. */
  readonly flows: readonly Flow[];
  /** The messages that could not be processed, with the reasons. */
  readonly deadLetters: DeadLetters;
  /**
   * Calls a listener at each event of a kind, until the result is disposed. Throws `INVALID_ARGUMENT` for an unknown
   * event.
   *
   * @example
   * using watching = runtime.on("deadLetter", ({ kernelId, reason }) => console.warn(kernelId, reason));
   */
  on<E extends keyof RuntimeEvents>(
    event: E,
    listener: (event: RuntimeEvents[E]) => void,
    options?: ListenOptions,
  ): Disposable;
  /**
   * Terminates all kernels and shuts down the backends. Resolves to the final ledgers of every port, as `id.input`,
   * `id.output`; of kernels that had ended and were forgotten before, those of the latest 10,000 ids. Ends within
   * `timeout` (default 5,000) and a second, whatever is under way; pending launches fail with `TERMINATED`.
   */
  dispose(options?: TerminateOptions): Promise<ReadonlyMap<string, Ledger>>;
}
