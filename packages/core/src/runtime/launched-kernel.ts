import { type AnyRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import { StallWatch } from "../host/stall-watch.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { AcceptedTypes } from "../messages/accepted-types.js";
import { type AnyMessage, lineageOf, raritiesOf } from "../messages/any-message.js";
import { NO_PARENT } from "../messages/ask.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { LandingOutlet } from "../ports/landing-outlet.js";
import { request } from "../ports/request.js";
import type { Place } from "../seam/backend.js";
import type { Exit, Incarnation, Start, UnitSpec } from "../seam/incarnation.js";
import type { Outlet, Port, PortSpec } from "../seam/port.js";
import type { PeerRoute, Routes } from "../seam/routes.js";
import { Histogram } from "../telemetry/histogram.js";
import { entering } from "../telemetry/hops.js";
import type { KernelTelemetry } from "../telemetry/telemetry.js";
import { bounded, limited } from "../time/limit-wait.js";
import { ABORTED, settlesBefore, unlessAborted } from "../time/on-abort.js";
import { inTurn, turn } from "../time/turn.js";
import { checkLimits, checkWait, type WaitOptions } from "../time/wait-options.js";
import type { TerminateOptions } from "./channel.js";
import { Checkpoints } from "./checkpoints.js";
import { type FlowSeat, portLinked } from "./flow-seat.js";
import { Incarnations, Supervisor } from "./incarnations.js";
import type { KernelInspection } from "./inspection.js";
import { type Deadlines, KernelEnding, LAST_WORDS, TERMINATE_TIMEOUT } from "./kernel-ending.js";
import { KernelLetters } from "./kernel-letters.js";
import { KernelOutput, OutputWaits } from "./kernel-output.js";
import type { KernelState } from "./kernel-state.js";
import type { KernelSurroundings } from "./kernel-surroundings.js";
import { telemetryOf } from "./kernel-telemetry.js";
import { checkTransition, isEnded } from "./kernel-transitions.js";
import type { ConnectOptions } from "./output-route.js";
import { PublishedOutputs, Unfinished } from "./unfinished.js";

const ACCEPTED = Promise.resolve();

/** A kernel from its launch to its end: its state, its ports, and the incarnation that runs now. */
export class LaunchedKernel implements PeerRoute {
  readonly id: string;
  readonly definition: KernelDefinition;
  readonly backend: string;
  readonly #around: KernelSurroundings;
  readonly #seat: FlowSeat | undefined;
  readonly #peers: ReadonlyMap<string, string>;
  readonly #accepted: AcceptedTypes;
  readonly #letters: KernelLetters;
  readonly #incarnations: Incarnations;
  readonly #ending: KernelEnding;
  /** Watches requests that came before the first activation. */
  readonly #unserved: StallWatch;
  readonly #checkpoints: Checkpoints;
  readonly #published = new PublishedOutputs();
  readonly #processing = new Histogram();
  #state: KernelState = "created";
  #place!: Place;
  #input!: Port;
  #outlet!: Outlet;
  #unfinished!: Unfinished;
  #outputPort!: Port;
  #output!: KernelOutput;
  /** In a flow: where its outputs go. */
  #exit: Routes["output"] | undefined;
  #outputWaits!: OutputWaits;
  /** Resolves when its place has said what it left. */
  #closed: Promise<void> | undefined;
  #isClosed = false;
  /** True once the `run` body has returned without being asked to end. */
  #hasReturned = false;
  /** The error of a failed kernel. */
  #failure: AnyRinglineError | undefined;

  constructor(
    definition: KernelDefinition,
    backend: string,
    peers: ReadonlyMap<string, string>,
    around: KernelSurroundings,
    seat?: FlowSeat,
    kept = seat?.state,
  ) {
    this.#checkpoints = new Checkpoints(kept);
    this.id = definition.id;
    this.definition = definition;
    this.backend = backend;
    this.#around = around;
    this.#seat = seat;
    this.#peers = peers;
    this.#accepted = new AcceptedTypes(definition.input, definition.id);
    this.#letters = new KernelLetters(definition, around, seat);
    this.#ending = new KernelEnding(around.clock);
    this.#unserved = new StallWatch(around.clock, () => {
      if (this.#is("launched")) around.stalled(this.id, `the activation of "${this.id}"`);
    });
    this.#incarnations = new Incarnations(
      {
        id: this.id,
        spawn: (...start) => this.#spawn(...start),
        recover: (exit) => this.#recover(exit),
        restarting: (attempt, delay, exit) => {
          around.restarts(this.id, attempt, delay);
          if (exit.kind === "failed") seat?.failed(this.id);
        },
        failed: (error) => around.error(error),
      },
      new Supervisor(definition.supervise, around.clock),
      around.clock,
    );
  }

  get state(): KernelState {
    return this.#state;
  }

  /** Resolves when it has ended and its place has said what it left; true when nothing is in its output, nor can come back to it. */
  async isSpent(): Promise<boolean> {
    await this.#ending.ended;
    await this.#closed;
    return this.#output.isSpent();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The kernels that it sends to: by links, and as peers. */
  get feeds(): readonly string[] {
    return [...this.#output.route.linkedTo, ...this.#peers.values()];
  }

  get outlet(): Outlet {
    return this.#outlet;
  }

  /**
   * `isHere`: messages reach it by reference. Rejects with the reason of the signal as soon as that aborts; whatever fails,
   * nothing is left.
   */
  async launch(started: Promise<Place>, isHere: boolean, signal: AbortSignal): Promise<void> {
    const place = await unlessAborted(started, signal, () => {});
    this.#place = place;
    try {
      this.#input = await this.#open("input", signal);
      this.#outputPort = await this.#open("output", signal);
      this.#link(isHere);
      await this.#incarnations.begin(signal);
      signal.throwIfAborted();
    } catch (error) {
      this.#closePorts();
      throw error;
    }
    this.#to("launched");
    void this.#incarnations.ended.then((exit) => this.#exited(exit));
  }

  #open(direction: PortSpec["direction"], signal: AbortSignal): Promise<Port> {
    const { queueSize: capacity, backpressure } = this.definition;
    const dropped = (message: AnyMessage) => this.#letters.dropped(this, message);
    const port = { kernelId: this.id, direction, capacity, dropped };
    // what the kernel sends is timed where it arrives
    const options =
      direction === "input"
        ? { backpressure, telemetry: this.#around.telemetry }
        : { backpressure: "block" as const, telemetry: undefined, ...(this.#seat?.port && { isExit: true }) };
    const place = this.#place;
    return unlessAborted(place.openPort({ ...port, ...options }, signal), signal, (late) => place.closePort?.(late));
  }

  #link(isHere: boolean): void {
    const { clock } = this.#around;
    this.#outlet = isHere ? this.#input.outlet : new LandingOutlet(this.#input.outlet, clock, this.id);
    this.#unfinished = new Unfinished(this.#input, this.#checkpoints, this.#published, this.#letters);
    this.#exit = this.#seat?.port?.(this.#outputPort) ?? this.#seat?.exit;
    this.#output = new KernelOutput(this.definition, this.#outputPort, clock, (id) => this.#around.find(id));
    this.#outputWaits = new OutputWaits(this.#seat, this.#output);
  }

  /** Lets its place forget it, once it has ended and its outputs were read. */
  forget(): void {
    this.#closePorts();
  }

  #closePorts(): void {
    for (const port of [this.#input, this.#outputPort]) if (port !== undefined) this.#place.closePort?.(port);
  }

  #spawn(isActive: boolean, start: Start): Promise<Incarnation> {
    const { clock, telemetry } = this.#around;
    const unit: UnitSpec = {
      kernel: this.definition,
      peers: this.#peers,
      input: this.#input,
      routes: {
        output: this.#exit ?? this.#output.route,
        peer: (name) => this.#around.find(this.#peers.get(name) ?? name),
      },
      reports: {
        error: (error) => this.#around.error(error),
        stalled: () => this.#around.stalled(this.id, this.#outputWaits.inWords),
        renew: () => this.renew(),
        deadLetter: (...letter) => this.#letters.bury(...letter),
        checkpoint: (state, settles) => this.#checkpoints.save(state, settles),
        checkpointSettled: () => this.#checkpoints.settled(),
        log: (...entry) => this.#around.log(this.id, ...entry),
      },
      restored: this.#checkpoints.latest,
      published: this.#published,
      clock,
      telemetry,
      processing: this.#processing,
      isActive,
      seat: this.#seat?.stage,
    };
    return this.#place.spawn(unit, start);
  }

  /** From launched or deactivated; `reactivate` from deactivated alone. Rejects with `KERNEL_STATE`. */
  activate(operation: "activate" | "reactivate", wait: WaitOptions = {}): Promise<void> {
    return this.#within(wait, operation, () => this.#activate(operation === "activate"));
  }

  async #activate(isFirst: boolean): Promise<void> {
    if (!(this.#is("deactivated") || (isFirst && this.#is("launched")))) {
      const cause = this.#failure === undefined ? {} : { cause: this.#failure };
      throw new errors.KERNEL_STATE({ state: this.#state, wanted: "active" }, { kernelId: this.id, ...cause });
    }
    this.#to("active");
    await this.#incarnations.setActive(true);
    if (this.#is("active")) await this.#input.gate(true); // it may have been deactivated meanwhile
  }

  deactivate(wait: WaitOptions = {}): Promise<void> {
    return this.#within(wait, "deactivate", async () => {
      this.#to("deactivated");
      await this.#input.gate(false);
      if (this.#is("deactivated")) await this.#incarnations.setActive(false);
    });
  }

  async #within(wait: WaitOptions, operation: string, act: () => Promise<void>): Promise<void> {
    checkWait(wait, operation, this.id);
    await limited(act(), wait, this.#around.clock, operation, this.id);
  }

  check(message: unknown): AnyMessage {
    return this.#accepted.check(message);
  }

  send(message: unknown, wait: WaitOptions | undefined): Promise<void> {
    try {
      const checked = entering(unbound(this.check(message)));
      // push checks the options; without any, a port with room takes the message at once
      if (wait === undefined && this.#outlet.tryPush(checked)) return turn.spend() ? turn.next() : ACCEPTED;
      const pushed = this.#outlet.push(checked, wait);
      return turn.spend() ? inTurn(pushed) : pushed;
    } catch (error) {
      return turn.spend() ? inTurn(Promise.reject(error)) : Promise.reject(error);
    }
  }

  /** An output that is there, or undefined. Throws what `receive` rejects with. */
  tryReceive(): AnyMessage | undefined {
    if (this.#seat !== undefined) throw portLinked(this.id, this.#seat);
    return this.#output.tryReceive();
  }

  receive(wait: WaitOptions | undefined): Promise<AnyMessage> {
    if (this.#seat !== undefined) return Promise.reject(portLinked(this.id, this.#seat));
    return this.#output.receive(wait);
  }

  async request(message: unknown, wait: WaitOptions | undefined): Promise<AnyMessage> {
    const checked = entering(this.check(message));
    const answer = request(this, checked, wait, "the host", NO_PARENT, this.#around.clock);
    return this.#is("launched") ? this.#beforeActivation(answer) : answer;
  }

  /** A request that waits for the activation of the kernel, which may have been forgotten. */
  async #beforeActivation(answer: Promise<AnyMessage>): Promise<AnyMessage> {
    this.#unserved.begin();
    try {
      return await answer;
    } finally {
      this.#unserved.end();
      if (this.#unserved.waiting === 0) this.#unserved.stop();
    }
  }

  async connect(target: unknown, options: ConnectOptions = {}): Promise<void> {
    checkWait(options, "connect", this.id);
    if (this.#seat !== undefined) throw portLinked(this.id, this.#seat);
    const { mode, ...wait } = options;
    const { clock } = this.#around;
    await bounded(wait, clock, "connect", this.id, (signal) => this.#output.connect(target, mode, signal));
  }

  async disconnect(target: string, wait: WaitOptions = {}): Promise<void> {
    checkWait(wait, "disconnect", this.id);
    await bounded(wait, this.#around.clock, "disconnect", this.id, (signal) => this.#output.disconnect(target, signal));
  }

  /** Resolves once it has ended and nothing is left in it. Rejects with `KERNEL_STATE`, and with `PORT_LINKED` for a stage. */
  async settle(): Promise<void> {
    if (this.#seat !== undefined) throw portLinked(this.id, this.#seat);
    if (!isEnded(this.#state)) {
      const remedy = "A kernel is forgotten once it has ended: terminate it first.";
      throw new errors.KERNEL_STATE({ state: this.#state, wanted: "terminated" }, { kernelId: this.id, remedy });
    }
    await this.isSpent();
    await this.dispose();
  }

  /**
   * Gives it a new incarnation, as another kernel that it depends on has failed, or its place would have it elsewhere. Its
   * queue stays. False where it has none to begin with.
   */
  renew(): boolean {
    return (this.#state === "active" || this.#state === "deactivated") && this.#incarnations.renew(TERMINATE_TIMEOUT);
  }

  /** Lets the body send what it keeps back. Rejects with what it throws. */
  flush(): Promise<void> {
    return this.#incarnations.flush();
  }

  /** Makes dead letters of what is queued for inputs that were cancelled. How many; undefined where its queue is not at hand. */
  discardCancelled(): number | undefined {
    const flow = this.#seat?.flow ?? "";
    return this.#unfinished.discard(
      (message) => lineageOf(message)?.origin?.isCancelled === true,
      ({ messageId }) => new errors.CANCELLED({ flow }, { kernelId: this.id, messageId }),
    );
  }

  telemetry(): Promise<KernelTelemetry> {
    return telemetryOf(this.id, this.#input, this.#outputPort, this.#incarnations);
  }

  async inspect(): Promise<KernelInspection> {
    const [{ ledger, parked }, { waits }] = await Promise.all([this.#input.stats(), this.#incarnations.stats()]);
    const { queued, inHand } = ledger;
    const waitsOn = this.#outputWaits.resolve(waits);
    return { kernelId: this.id, state: this.#state, queued, inHand, parkedSenders: parked, waitsOn };
  }

  async terminate(options: TerminateOptions): Promise<void> {
    checkLimits(options, "terminate", this.id);
    await this.#ending.beginWithin(options, (deadlines) => this.#terminate(options.drain ?? false, deadlines));
  }

  /** No step waits longer for the place than the deadlines allow, whatever is under way there. */
  async #terminate(drain: boolean, { grace, late }: Deadlines): Promise<void> {
    const wasActive = this.#state === "active";
    const incarnations = this.#incarnations;
    this.#to("terminating");
    await settlesBefore(this.#input.seal(this.#terminated("send")), grace);
    if (drain && wasActive && !grace.aborted) await this.#drained(grace);
    await settlesBefore(incarnations.stop("cooperative"), grace);
    if (!(await settlesBefore(incarnations.ended, grace))) {
      void incarnations.stop("abandon");
      if (!(await settlesBefore(incarnations.ended, late))) {
        incarnations.giveUp();
        this.#around.error(new errors.TIMEOUT({ operation: "abandon", timeout: LAST_WORDS }, { kernelId: this.id }));
      }
    }
    const exit = await incarnations.ended;
    const ended = this.#terminated("receive");
    await this.#close(ended, late, this.#unfinishedBy(exit) ?? ended);
    this.#to("terminated");
  }

  /** Resolves when nothing is queued or in hand, the kernel has ended, or its grace period is over. */
  async #drained(grace: AbortSignal): Promise<void> {
    const idle = new AbortController();
    const settled = this.#input.idle({ signal: idle.signal }).catch((error) => {
      if (!isRinglineError(error, "ABORTED")) throw error;
    });
    await settlesBefore(Promise.race([settled, this.#incarnations.ended]), grace);
    idle.abort(ABORTED);
  }

  /** Ends what is left when the runtime is disposed: outputs nobody read become dead letters. */
  async dispose(): Promise<void> {
    for (const { message } of await this.#outputPort.remove()) {
      this.#around.deadLetter(this.id, message, this.#terminated("receive")(), 0);
    }
    await this.#outputPort.seal(this.#terminated("send"));
  }

  async #exited(exit: Exit): Promise<void> {
    if (this.#ending.ended !== undefined) return; // it was asked to end, and whoever asked goes on from here
    await this.#ending.begin(({ late }) =>
      exit.kind === "failed" ? this.#fail(exit.error, late) : this.#finish(late),
    );
  }

  async #finish(late: AbortSignal): Promise<void> {
    this.#hasReturned = true;
    this.#to("terminating");
    await this.#close(this.#terminated("receive"), late);
    this.#to("terminated");
  }

  async #fail(cause: AnyRinglineError, late: AbortSignal): Promise<void> {
    this.#failure = cause;
    this.#to("failed");
    this.#output.close(() => this.#crash(cause)); // with the state: what is left takes time to come back from elsewhere
    const closed = this.#close(() => this.#crash(cause), late);
    this.#seat?.gaveUp(this.#crash(cause), closed);
    await closed;
  }

  async #recover(exit: Exit | undefined): Promise<void> {
    const { attempts } = await this.#incarnations.stats();
    if (exit === undefined) return this.#unfinished.retry(attempts); // it did nothing wrong
    if (exit.kind !== "failed") return this.#unfinished.buryInHand(attempts, this.#terminated("the kernel"));
    if (this.definition.supervise.onCrash === "retry") return this.#unfinished.retry(attempts);
    return this.#unfinished.buryInHand(attempts, () => this.#crash(exit.error));
  }

  /**
   * Settles everything that waits for this kernel, and makes dead letters of what it leaves undone: where the place has not
   * said by `late` what that is, as soon as it does.
   */
  async #close(error: () => AnyRinglineError, late: AbortSignal, inFlight = error): Promise<void> {
    this.#closed = this.#leave(error, inFlight).finally(() => {
      this.#isClosed = true;
    });
    await settlesBefore(this.#closed, late);
    this.#output.close(error);
  }

  async #leave(error: () => AnyRinglineError, inFlight: () => AnyRinglineError): Promise<void> {
    await this.#input.seal(error);
    const { attempts } = await this.#incarnations.stats();
    await this.#unfinished.buryInHand(attempts, inFlight);
    await this.#unfinished.buryQueued(error);
  }

  /** The error for messages in flight that the incarnation left unprocessed, where its end alone does not tell it. */
  #unfinishedBy(exit: Exit): (() => AnyRinglineError) | undefined {
    if (exit.kind === "failed") return () => this.#crash(exit.error);
    const unfinished = exit.kind === "stopped" ? exit.unfinished : undefined;
    return unfinished && (() => unfinished);
  }

  /** The error that others see: the kernel, the message, and the exception. */
  #crash(error: AnyRinglineError): AnyRinglineError {
    const place = { kernelId: this.id, messageId: error.messageId, stage: error.stage };
    return new errors.KERNEL_FAILED({ restarts: this.#incarnations.restarts }, { cause: original(error), ...place });
  }

  #terminated(operation: string): () => AnyRinglineError {
    const remedy =
      'Its `run` body returned, which ends a kernel: loop over `ctx` until that ends, or set `supervise: { restart: "always" }`.';
    return () => new errors.TERMINATED({ operation }, { kernelId: this.id, ...(this.#hasReturned && { remedy }) });
  }

  #is(state: KernelState): boolean {
    return this.#state === state;
  }

  #to(state: KernelState): void {
    const from = this.#state;
    checkTransition(this.id, from, state);
    this.#state = state;
    this.#around.stateChanged(this, from);
  }
}

/** A message that the host sends: whoever waited for an answer to it does so no more. */
function unbound(message: AnyMessage): AnyMessage {
  if (raritiesOf(message) === undefined || lineageOf(message) === undefined) return message;
  return copyMessage(message, { ...envelopeOf(message), lineage: undefined });
}

/** The exception of a kernel, without the wrapper of core. */
function original(error: AnyRinglineError): unknown {
  return error.code === "KERNEL_FAILED" && error.cause !== undefined ? error.cause : error;
}
