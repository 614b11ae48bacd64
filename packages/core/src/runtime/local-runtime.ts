import type { KeptLetters } from "../durable/kept-letters.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { FlowOptions } from "../flows/flow-types.js";
import type { LocalFlow } from "../flows/local-flow.js";
import { RunningFlows } from "../flows/running-flows.js";
import type { StageShare } from "../flows/stage-scaler.js";
import { idOfTarget } from "../kernels/address.js";
import { checkPortOptions, type KernelDefinition } from "../kernels/kernel.js";
import { copyMessage, envelopeOf, isMessage } from "../messages/any-message.js";
import type { Header } from "../messages/header.js";
import type { CoreServices, Place } from "../seam/backend.js";
import type { KernelTelemetry, Ledger } from "../telemetry/telemetry.js";
import { type Clock, expireBy } from "../time/clock.js";
import { settlesBefore } from "../time/on-abort.js";
import { turn } from "../time/turn.js";
import {
  bounded,
  checkLimits,
  checkWait,
  END_SIGNAL,
  EndSignal,
  remaining,
  type SendOptions,
  type WaitOptions,
} from "../time/wait-options.js";
import type { TerminateOptions } from "./channel.js";
import { DeadLetterStore, type Replay } from "./dead-letter-store.js";
import type { DeadLetter } from "./dead-letters.js";
import { Events, type ListenOptions } from "./events.js";
import { type Inspection, inspectionOf } from "./inspection.js";
import type { Change } from "./kernel-changes.js";
import type { KernelState } from "./kernel-state.js";
import { isEnded } from "./kernel-transitions.js";
import {
  checkPlace,
  hasResidentState,
  type LaunchPlan,
  launchPlan,
  type RuntimeSettings,
  swapPlan,
} from "./launch-plan.js";
import { LaunchedKernel } from "./launched-kernel.js";
import { LocalHandle } from "./local-handle.js";
import type { ChangeOptions, MoveOptions, SwapOptions, TuneOptions } from "./move-options.js";
import type { ConnectOptions } from "./output-route.js";
import { Places } from "./places.js";
import { RuntimeServices } from "./runtime-services.js";
import type { LaunchOptions, RuntimeEvents } from "./runtime-types.js";
import type { StageContext } from "./stage-context.js";
import {
  disposeOrder,
  REPORT_GRACE,
  TERMINATE_TIMEOUT,
  Termination,
  type TerminationDeadlines,
} from "./termination.js";

/** Minimum number of ended kernels, their outputs read, that stay known by id: the latest ones. */
const MAX_ENDED = 1000;
/** Maximum number of closed ports whose ledgers are kept until dispose. */
const MAX_LEDGERS = 20_000;

/** The implementation of `Runtime`: a directory of launched kernels. */
export class LocalRuntime {
  readonly #settings: RuntimeSettings;
  readonly #clock: Clock;
  readonly #restoreClock: () => void;
  readonly #places: Places;
  readonly #kernels = new Map<string, LaunchedKernel>();
  /** Kernels whose id was launched again before their outputs were read. */
  readonly #formerKernels = new Set<LaunchedKernel>();
  readonly #flows: RunningFlows;
  /** Ledgers of closed ports, by `id.input` and `id.output`. */
  readonly #finalLedgers = new Map<string, Ledger>();
  /** Number of known kernels at which ended ones are forgotten next. */
  #forgetAt = 2 * MAX_ENDED;
  /** Ends pending launches when the runtime is disposed. */
  readonly #closing = new EndSignal();
  readonly #ending: Termination;
  /** Ended kernels whose id is being launched again; look-ups find them until the new kernel is launched. */
  readonly #replaced = new Map<string, LaunchedKernel>();
  readonly #events = new Events<RuntimeEvents>([
    "error",
    "deadLetter",
    "state",
    "drop",
    "restart",
    "log",
    "relocated",
    "swapped",
    "tuned",
    "scaled",
    "stalled",
    "device",
    "connection",
    "recovered",
  ]);
  readonly #services: RuntimeServices;
  readonly deadLetters: DeadLetterStore;

  constructor(settings: RuntimeSettings) {
    this.#settings = settings;
    this.#clock = settings.clock;
    this.#ending = new Termination(settings.clock, () => REPORT_GRACE + this.#places.endsWithin);
    this.#restoreClock = expireBy(settings.clock);
    const lateReply: CoreServices["lateReply"] = (...late) => this.#services.lateReply(...late);
    this.#places = new Places(
      settings.backends,
      settings.keep,
      { clock: settings.clock, lateReply },
      {
        device: (event) => this.#events.emit("device", event),
        connection: (event) => this.#services.connection(event),
        recovered: (event) => this.#events.emit("recovered", event),
      },
    );
    this.deadLetters = new DeadLetterStore(
      settings.deadLetterLimit,
      (to, message, wait) => this.send(to, withoutDeadline(message), wait),
      (deadLetter) => this.#replayTarget(deadLetter),
      settings.clock,
      settings.keepDeadLetters === undefined ? undefined : () => this.#openLetters(settings.keepDeadLetters as string),
    );
    this.#services = new RuntimeServices(
      settings.clock,
      settings.telemetry,
      this.#events,
      this.deadLetters,
      (id) => this.#find(id),
      (flow) => this.#places.durable(flow),
    );
    this.#flows = new RunningFlows({
      services: this.#services,
      deadLetters: this.deadLetters,
      launch: (kernel, { backend, supervise, signal }, stage) => {
        const options = { ...(backend !== undefined && { backend }), ...(supervise !== undefined && { supervise }) };
        return this.#launch(launchPlan(kernel, options, this.#settings), { signal }, stage);
      },
      changes: {
        move: (kernel, options) => this.#move(kernel, options),
        swap: (...swap) => this.#swap(...swap),
        tune: (kernel, options, rate) => this.#tune(kernel, options, rate),
        scale: (...scale) => this.#scale(...scale),
      },
      fuses: (backend = settings.home) =>
        settings.backends.get(backend)?.manifest.capabilities["fused-compute"] ? backend : undefined,
      keep: (backend = settings.home, flow) => this.#places.keep(backend, flow),
      copies: (backend = settings.home) =>
        settings.backends.get(backend)?.manifest.transport === "copy" ? backend : undefined,
      shortcut: (backend = settings.home) => settings.backends.get(backend)?.shortcut,
      release: (kernels) => this.#release(kernels),
      isKernel: (id) => this.#kernels.has(id),
    });
  }

  async #openLetters(name: string): Promise<KeptLetters> {
    const onError = (error: AnyRinglineError) => this.#services.error(error);
    const kept = await this.#places.keepLetters(this.#settings.home, name, onError);
    void kept.journal.taken.then(onError);
    return kept;
  }

  /** Starts the backend, once dead letters of earlier programs are there. */
  #place(backend: string): Promise<Place> {
    return this.deadLetters.open()?.then(() => this.#places.get(backend)) ?? this.#places.get(backend);
  }

  /** Launches a kernel. A bound function, so that it can be detached from the runtime. */
  readonly launch = async (target: unknown, options: LaunchOptions<string, string> = {}): Promise<LocalHandle> => {
    if (this.#closing.isOver) throw new errors.TERMINATED({ operation: "launch" });
    return new LocalHandle(await this.#launch(launchPlan(target, options, this.#settings), options));
  };

  async #launch(
    { kernel, backend, peers }: LaunchPlan,
    wait: WaitOptions,
    stage?: StageContext,
  ): Promise<LaunchedKernel> {
    const { id } = kernel;
    const before = this.#kernels.get(id);
    if (before !== undefined && !isEnded(before.state)) {
      throw new errors.KERNEL_EXISTS({ backend: before.backend }, { kernelId: id });
    }
    if (this.#flows.has(id)) throw new errors.KERNEL_EXISTS({ backend: null }, { kernelId: id });
    const isKept = kernel.durable !== undefined && stage?.state === undefined;
    const state = isKept ? await this.#places.keepState(backend, kernel) : undefined;
    void state?.journal.taken.then((error) => this.#services.error(error));
    const launched = new LaunchedKernel(kernel, backend, peers, this.#services, stage, state);
    this.#kernels.set(id, launched);
    if (before !== undefined) this.#replaced.set(id, before);
    const { timeout, signal } = wait;
    const limits = { timeout, signal, [END_SIGNAL]: this.#closing };
    try {
      await bounded(limits, this.#clock, "launch", id, (over) =>
        launched.launch(this.#place(backend), this.#places.isHere(backend), over),
      );
    } catch (error) {
      // a failed launch restores the previous entry
      if (before === undefined) this.#kernels.delete(id);
      else this.#kernels.set(id, before);
      throw error;
    } finally {
      this.#replaced.delete(id);
    }
    if (before !== undefined) void this.#retire(before);
    if (this.#kernels.size >= this.#forgetAt) void this.#forgetEnded();
    return launched;
  }

  readonly start = async (target: unknown, options: LaunchOptions<string, string> = {}): Promise<LocalHandle> => {
    const left = remaining(options, this.#clock);
    const handle = await this.launch(target, options);
    try {
      await handle.activate(left());
    } catch (error) {
      await this.#discard(this.#find(handle.id));
      throw error;
    }
    return handle;
  };

  /** Removes a kernel that was launched but could not be activated. */
  async #discard(kernel: LaunchedKernel): Promise<void> {
    await kernel.terminate({ timeout: 0 });
    await kernel.dispose();
    if (this.#kernels.get(kernel.id) === kernel) await this.#release([kernel]);
  }

  async activate(target: unknown, wait?: WaitOptions): Promise<void> {
    await this.#kernelOf(target).activate("activate", wait);
  }

  async deactivate(target: unknown, wait?: WaitOptions): Promise<void> {
    await this.#kernelOf(target).deactivate(wait);
  }

  async reactivate(target: unknown, wait?: WaitOptions): Promise<void> {
    await this.#kernelOf(target).activate("reactivate", wait);
  }

  async terminate(target: unknown, options: TerminateOptions = {}): Promise<void> {
    await this.#kernelOf(target).terminate(options);
  }

  async send(target: unknown, message: unknown, options?: SendOptions): Promise<void> {
    await this.#kernelOf(target).send(message, options);
  }

  async receive(target: unknown, wait?: WaitOptions): Promise<unknown> {
    return this.#kernelOf(target).receive(wait);
  }

  tryReceive(target: unknown): unknown {
    return this.#kernelOf(target).tryReceive();
  }

  async request(target: unknown, message: unknown, wait?: WaitOptions): Promise<unknown> {
    return this.#kernelOf(target).request(message, wait);
  }

  async connect(from: unknown, to: unknown, options?: ConnectOptions): Promise<void> {
    await this.#kernelOf(from).connect(this.#kernelOf(to), options);
  }

  async disconnect(from: unknown, to: unknown, wait?: WaitOptions): Promise<void> {
    await this.#kernelOf(from).disconnect(idOfTarget(to), wait);
  }

  async move(target: unknown, options: MoveOptions): Promise<void> {
    await this.#move(this.#kernelOf(target), options);
  }

  async #move(kernel: LaunchedKernel, options: MoveOptions): Promise<void> {
    checkWait(options, "move", kernel.id);
    const { backend = kernel.backend, thread } = options;
    checkPlace(kernel.definition, kernel.id, backend, this.#settings.backends);
    const to = { backend, thread, started: this.#places.get(backend), isHere: this.#places.isHere(backend) };
    await this.#change(kernel, { operation: "move", to }, options);
  }

  async swap(target: unknown, definition: unknown, options: SwapOptions = {}): Promise<void> {
    await this.#swap(this.#kernelOf(target), definition, options);
  }

  async #swap(kernel: LaunchedKernel, next: unknown, options: SwapOptions, onError?: KernelDefinition["onError"]) {
    checkWait(options, "swap", kernel.id);
    const { migrate } = options;
    if (migrate !== undefined && typeof migrate !== "function") {
      throw new errors.INVALID_ARGUMENT({ argument: "migrate", value: migrate }, { kernelId: kernel.id });
    }
    const { definition: own, peers } = swapPlan(kernel.definition, kernel.peers, next, kernel.backend);
    checkPlace(own, kernel.id, kernel.backend, this.#settings.backends);
    const definition = onError === undefined ? own : { ...own, onError };
    await this.#change(kernel, { operation: "swap", become: { definition, peers, migrate } }, options);
  }

  async tune(target: unknown, options: TuneOptions): Promise<void> {
    await this.#tune(this.#kernelOf(target), options, undefined);
  }

  /** `rate`: of this worker. */
  async #tune(kernel: LaunchedKernel, options: TuneOptions, rate: number | undefined): Promise<void> {
    checkWait(options, "tune", kernel.id);
    const { queueSize } = checkPortOptions({ queueSize: options.queueSize });
    const { backend, definition } = kernel;
    const to = { backend, thread: undefined, started: this.#places.get(backend), isHere: this.#places.isHere(backend) };
    const become = { ...(queueSize && { definition: { ...definition, queueSize } }), ...(rate && { rate }) };
    await this.#change(kernel, { operation: "tune", become, ...(queueSize && { to }) }, options);
  }

  /** The part of one worker in a change of their number. `stays`: the worker begins again, at a port of its own. */
  async #scale(
    kernel: LaunchedKernel,
    stays: boolean,
    { part, rate, share, model }: StageShare,
    options: ChangeOptions,
  ): Promise<void> {
    const { backend } = model ?? kernel;
    const to = { backend, thread: undefined, started: this.#places.get(backend), isHere: this.#places.isHere(backend) };
    const own = model && { definition: { ...model.definition, id: kernel.id }, peers: model.peers };
    const become = { rate, share, ...own };
    await this.#change(kernel, { operation: "scale", part, become, ...(stays && { to }) }, options);
  }

  async #change(kernel: LaunchedKernel, change: Omit<Change, "grace" | "by">, options: ChangeOptions): Promise<void> {
    const { grace = TERMINATE_TIMEOUT, by = "program", timeout, signal } = options;
    const { operation } = change;
    if (hasResidentState(kernel.definition.compute)) {
      const remedy = "Its resident state is saved from time to time only: terminate the kernel and launch it again.";
      throw new errors.UNSUPPORTED({ backend: kernel.backend, capability: operation }, { kernelId: kernel.id, remedy });
    }
    if (!(grace >= 0)) throw new errors.INVALID_ARGUMENT({ argument: "grace", value: grace }, { kernelId: kernel.id });
    await kernel.change({ ...change, grace, by }, { timeout, signal, [END_SIGNAL]: this.#closing });
  }

  async forget(target: unknown): Promise<void> {
    const kernel = this.#kernelOf(target);
    await kernel.settle();
    const telemetry = await kernel.telemetry();
    if (this.#closing.isOver || this.#kernels.get(kernel.id) !== kernel) return; // launched again meanwhile
    this.#kernels.delete(kernel.id);
    kernel.forget();
    this.#close(telemetry);
  }

  async inspect(): Promise<Inspection> {
    if (turn.spend()) await turn.next();
    const launched = [...this.#kernels.values()].filter(({ state }) => state !== "created");
    return inspectionOf(await Promise.all(launched.map((kernel) => kernel.inspect())), this.#flows.inspect());
  }

  /** Launches a topology. */
  run(topology: unknown, options: FlowOptions = {}): Promise<LocalFlow> {
    return this.#flows.run(topology, options);
  }

  state(target: unknown): KernelState {
    return this.#kernelOf(target).state;
  }

  async telemetry(target?: unknown): Promise<unknown> {
    if (turn.spend()) await turn.next(); // a caller that looks in a loop must let others work
    return target === undefined ? this.#telemetryOfAll() : this.#telemetryOf(target);
  }

  get kernels(): { id: string; state: KernelState; backend: string }[] {
    return [...this.#kernels.values()].map(({ id, state, backend }) => ({ id, state, backend }));
  }

  get backends(): string[] {
    return [...this.#settings.backends.keys()];
  }

  get flows(): LocalFlow[] {
    return this.#flows.running;
  }

  on<Event extends keyof RuntimeEvents>(
    event: Event,
    listener: (event: RuntimeEvents[Event]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(event, listener, options);
  }

  async dispose(options: TerminateOptions = {}): Promise<ReadonlyMap<string, Ledger>> {
    checkLimits(options, "dispose");
    await this.#ending.beginWithin(options, (deadlines) => this.#dispose(options.drain ?? false, deadlines));
    return this.#finalLedgers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #dispose(drain: boolean, { grace, late }: TerminationDeadlines): Promise<void> {
    this.#closing.end();
    const end: TerminateOptions = { drain, timeout: Number.POSITIVE_INFINITY, signal: grace };
    await this.#flows.terminate(end);
    await this.#terminateAll(drain, end);
    const launched = [...this.#formerKernels, ...this.#kernels.values()].filter(({ state }) => state !== "created");
    for (const kernel of launched) {
      await settlesBefore(kernel.dispose(), late);
      if (kernel.isClosed) this.#close(await kernel.telemetry());
      if (turn.spend()) await turn.next();
    }
    const unclosed = launched.filter(({ isClosed }) => !isClosed);
    this.#flows.dispose();
    await settlesBefore(this.#places.dispose(), late);
    // a disposed place has reported the unprocessed messages that were still missing
    for (const kernel of unclosed) {
      await settlesBefore(kernel.isSpent(), late);
      this.#close(await kernel.telemetry());
    }
    await settlesBefore(this.#places.close(), late);
    this.deadLetters.close();
    this.#restoreClock();
  }

  /**
   * Terminates senders before their targets, while queued messages are still processed; after the grace period, all at
   * the same time.
   */
  async #terminateAll(drain: boolean, end: TerminateOptions): Promise<void> {
    const kernels = [...this.#kernels.values()].filter(({ state }) => state !== "created");
    const ends: Promise<void>[] = [];
    for (const group of drain ? await disposeOrder(kernels) : [kernels]) {
      const before = ends.length;
      for (const kernel of group) {
        ends.push(kernel.terminate(end));
        await (turn.spend() ? turn.next() : undefined); // work begun above continues in the same slice
      }
      await settlesBefore(Promise.all(ends.slice(before)), end.signal as AbortSignal);
    }
    await Promise.all(ends);
  }

  /** Returns the replay of a dead letter that goes back into a flow; undefined for one that goes back to its kernel. */
  #replayTarget(deadLetter: DeadLetter): Replay | undefined {
    if (deadLetter.stage === null && this.#kernels.has(deadLetter.kernelId)) return undefined;
    // a message that the caller has changed is a look-alike until its kernel has checked it
    const kernel = isMessage(deadLetter.message) ? undefined : this.#kernels.get(deadLetter.kernelId);
    const message = kernel === undefined ? deadLetter.message : kernel.check(deadLetter.message);
    const back = this.#flows.replayTarget({ ...deadLetter, message });
    return back && ((_, wait) => back(withoutDeadline(message), wait));
  }

  /** Forgets the stages of a flow that has ended. */
  async #release(kernels: readonly LaunchedKernel[]): Promise<void> {
    for (const kernel of kernels) {
      this.#kernels.delete(kernel.id);
      this.#close(await kernel.telemetry());
      kernel.forget();
    }
  }

  /** Releases a replaced kernel once its outputs were read, so that relaunching an id accumulates nothing. */
  async #retire(kernel: LaunchedKernel): Promise<void> {
    this.#formerKernels.add(kernel);
    if (!(await kernel.isSpent())) return;
    const telemetry = await kernel.telemetry();
    if (this.#closing.isOver) return;
    this.#formerKernels.delete(kernel);
    kernel.forget();
    this.#close(telemetry);
  }

  /** Forgets all but the latest ended kernels whose outputs were read. */
  async #forgetEnded(): Promise<void> {
    this.#forgetAt = Number.POSITIVE_INFINITY; // one at a time
    const ended = [...this.#kernels.values()].filter(({ isClosed }) => isClosed);
    for (const kernel of ended.slice(0, -MAX_ENDED)) {
      if (this.#closing.isOver || this.#replaced.has(kernel.id)) continue;
      if ((await kernel.isSpent()) && this.#kernels.get(kernel.id) === kernel) await this.#release([kernel]);
    }
    this.#forgetAt = this.#kernels.size + MAX_ENDED;
  }

  #close({ kernelId, ledger }: KernelTelemetry): void {
    for (const port of ["input", "output"] as const) {
      const name = `${kernelId}.${port}`;
      this.#finalLedgers.set(name, sum(ledger[port], this.#finalLedgers.get(name)));
    }
    if (this.#closing.isOver) return; // dispose returns the ledgers of all remaining ports
    for (const oldest of this.#finalLedgers.keys()) {
      if (this.#finalLedgers.size <= MAX_LEDGERS) return;
      this.#finalLedgers.delete(oldest);
    }
  }

  async #telemetryOf(target: unknown): Promise<KernelTelemetry> {
    return this.#kernelOf(target).telemetry();
  }

  async #telemetryOfAll(): Promise<ReadonlyMap<string, KernelTelemetry>> {
    const launched = [...this.#kernels.values()].filter(({ state }) => state !== "created");
    return new Map(await Promise.all(launched.map(async (kernel) => [kernel.id, await kernel.telemetry()] as const)));
  }

  #kernelOf(target: unknown): LaunchedKernel {
    return this.#find(idOfTarget(target));
  }

  #find(id: string): LaunchedKernel {
    const latest = this.#kernels.get(id);
    const kernel = latest?.state === "created" ? this.#replaced.get(id) : latest;
    if (kernel !== undefined) return kernel;
    throw new errors.KERNEL_UNKNOWN({ known: [...this.#kernels.keys()] }, { kernelId: id });
  }
}

/** Returns a message without its deadline, for a replay; `send` removes its requester. */
function withoutDeadline(message: Header): Header {
  if (!isMessage(message)) return message;
  return copyMessage(message, { ...envelopeOf(message), expiresAt: Number.POSITIVE_INFINITY });
}

function sum(ledger: Ledger, other: Ledger | undefined): Ledger {
  if (other === undefined) return ledger;
  const names = Object.keys(ledger) as (keyof Ledger)[];
  return Object.fromEntries(names.map((name) => [name, ledger[name] + other[name]])) as Record<keyof Ledger, number>;
}
