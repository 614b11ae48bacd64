import { type AnyRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import { StallWatch } from "../host/waits.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, copyMessage, envelopeOf, lineageOf, optionalHeadersOf } from "../messages/any-message.js";
import { AcceptedTypes } from "../messages/message-type.js";
import { ACCEPTED } from "../ports/memory-port.js";
import { NO_REQUEST_CAUSE, request } from "../ports/request.js";
import type { Place } from "../seam/backend.js";
import type { Exit, Incarnation, KeyShare, Start, UnitSpec } from "../seam/incarnation.js";
import type { Port, PortSpec } from "../seam/port.js";
import type { PeerRoute, Routes } from "../seam/routes.js";
import { Histogram } from "../telemetry/measures.js";
import { entering } from "../telemetry/spans.js";
import type { KernelTelemetry } from "../telemetry/telemetry.js";
import { ABORTED, settlesBefore, unlessAborted } from "../time/on-abort.js";
import { afterTurn, turn } from "../time/turn.js";
import {
  bounded,
  checkLimits,
  checkWait,
  type KernelWait,
  limited,
  type SendOptions,
  type WaitOptions,
} from "../time/wait-options.js";
import type { TerminateOptions } from "./channel.js";
import { Checkpoints } from "./checkpoints.js";
import { Incarnations, Supervisor, telemetryOf } from "./incarnations.js";
import type { KernelInspection } from "./inspection.js";
import { type Change, KernelChanges, type Spawned } from "./kernel-changes.js";
import { KernelDeadLetters, PublishedOutputs, UnprocessedMessages } from "./kernel-dead-letters.js";
import { KernelInput } from "./kernel-input.js";
import { KernelOutput, OutputWaits } from "./kernel-output.js";
import type { KernelServices } from "./kernel-services.js";
import type { KernelState } from "./kernel-state.js";
import { checkTransition, isEnded } from "./kernel-transitions.js";
import type { ConnectOptions } from "./output-route.js";
import { ScheduledMessages } from "./scheduled-messages.js";
import { portLinked, type StageContext } from "./stage-context.js";
import { REPORT_GRACE, TERMINATE_TIMEOUT, Termination, type TerminationDeadlines } from "./termination.js";

/** A kernel from its launch to its end: its state, its ports, and the incarnation that runs now. */
export class LaunchedKernel implements PeerRoute {
  readonly id: string;
  /** The current definition; a swap replaces it. */
  definition: KernelDefinition;
  readonly #services: KernelServices;
  readonly #stage: StageContext | undefined;
  #peers: ReadonlyMap<string, string>;
  #accepted: AcceptedTypes;
  readonly #deadLetters: KernelDeadLetters;
  readonly #incarnations: Incarnations;
  readonly #ending: Termination;
  /** Detects requests that wait for the first activation. */
  readonly #unserved: StallWatch;
  readonly #checkpoints: Checkpoints;
  readonly #published = new PublishedOutputs();
  readonly #processing = new Histogram();
  /** Created with the first change. */
  #changes: KernelChanges | undefined;
  #rate: number;
  #share: KeyShare | undefined;
  #state: KernelState = "created";
  readonly #backend: string;
  /** The place of the launch, which keeps the output port. */
  #place!: Place;
  #input!: KernelInput;
  #unprocessed!: UnprocessedMessages;
  #outputPort!: Port;
  #output!: KernelOutput;
  /** Route of the outputs in a flow; undefined outside flows. */
  #exit: Routes["output"] | undefined;
  #outputWaits!: OutputWaits;
  /** Resolves when the place has reported the unprocessed messages. */
  #closed: Promise<void> | undefined;
  #isClosed = false;
  /** True once the `run` body has returned by itself. */
  #hasReturned = false;
  /** The error of a failed kernel. */
  #failure: AnyRinglineError | undefined;

  constructor(
    definition: KernelDefinition,
    backend: string,
    peers: ReadonlyMap<string, string>,
    services: KernelServices,
    stage?: StageContext,
    kept = stage?.state,
  ) {
    this.#checkpoints = new Checkpoints(kept, definition.keyed !== undefined);
    this.id = definition.id;
    this.definition = definition;
    this.#backend = backend;
    this.#services = services;
    this.#stage = stage;
    this.#peers = peers;
    this.#rate = stage?.stage.rate ?? Number.POSITIVE_INFINITY;
    this.#share = stage?.stage.share;
    this.#accepted = new AcceptedTypes(definition.input, definition.id);
    this.#deadLetters = new KernelDeadLetters(definition, services, stage);
    this.#ending = new Termination(services.clock);
    this.#unserved = new StallWatch(services.clock, () => {
      if (this.#isIn("launched")) services.stalled(this.id, `the activation of "${this.id}"`);
    });
    this.#incarnations = new Incarnations(
      {
        id: this.id,
        spawn: (...start) => this.#spawn(...start),
        recover: (exit) => this.#recover(exit),
        restarting: (attempt, delay, exit) => {
          services.restarts(this.id, attempt, delay, exit.kind === "failed" ? exit.error : null);
          if (exit.kind === "failed") stage?.failed(this.id);
        },
        failed: (error) => services.error(error),
      },
      new Supervisor(definition.supervise, services.clock),
      services.clock,
    );
  }

  get state(): KernelState {
    return this.#state;
  }

  /**
   * Resolves when the kernel has ended and its place has reported the unprocessed messages; true if its output is empty
   * and stays so.
   */
  async isSpent(): Promise<boolean> {
    await this.#ending.ended;
    await this.#closed;
    return this.#output.isSpent();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ids of peers by their local names. */
  get peers(): ReadonlyMap<string, string> {
    return this.#peers;
  }

  /** Ids of the kernels that this one sends to, by links and as peers. */
  get targets(): readonly string[] {
    return [...this.#output.route.linkedTo, ...this.#peers.values()];
  }

  get outlet(): KernelInput {
    return this.#input;
  }

  /** Node of its flow at which its messages are counted; undefined outside flows. */
  get node(): number | undefined {
    return this.#stage?.stage.node;
  }

  /** Maximum messages per second, for a stage. */
  get rate(): number {
    return this.#rate;
  }

  /** True if it runs where its launch did not put it. */
  get hasMoved(): boolean {
    return this.backend !== this.#backend;
  }

  /** The name of the backend where it runs. */
  get backend(): string {
    return this.#input?.at.backend ?? this.#backend;
  }

  /**
   * Opens the ports and starts the first incarnation. `isHere`: messages are delivered by reference. Rejects with the
   * reason of the signal as soon as it aborts; a failed launch leaves nothing behind.
   */
  async launch(started: Promise<Place>, isHere: boolean, signal: AbortSignal): Promise<void> {
    const place = await unlessAborted(started, signal, () => {});
    this.#place = place;
    try {
      const port = await this.#open("input", place, signal);
      this.#input = new KernelInput({ port, place, backend: this.#backend, isHere }, this.#services.clock, this.id);
      this.#outputPort = await this.#open("output", place, signal);
      this.#link();
      await this.#incarnations.begin(signal);
      signal.throwIfAborted();
    } catch (error) {
      this.#closePorts();
      throw error;
    }
    this.#setState("launched");
    void this.#incarnations.ended.then((exit) => this.#exited(exit));
  }

  #open(
    direction: PortSpec["direction"],
    place: Place,
    signal: AbortSignal,
    thread?: PortSpec["thread"],
    capacity = this.definition.queueSize,
  ): Promise<Port> {
    const { backpressure } = this.definition;
    const dropped = (message: AnyMessage) => this.#deadLetters.dropped(this, message);
    const port = { kernelId: this.id, direction, capacity, dropped, thread };
    // outputs are timed at the port that receives them
    const options =
      direction === "input"
        ? { backpressure, telemetry: this.#services.telemetry }
        : { backpressure: "block" as const, telemetry: undefined, ...(this.#stage?.port && { isExit: true }) };
    return unlessAborted(place.openPort({ ...port, ...options }, signal), signal, (late) => place.closePort?.(late));
  }

  #link(): void {
    const { clock } = this.#services;
    this.#unprocessed = new UnprocessedMessages(this.#input, this.#checkpoints, this.#published, this.#deadLetters);
    this.#exit = this.#stage?.port?.(this.#outputPort) ?? this.#stage?.exit;
    this.#output = new KernelOutput(this.definition, this.#outputPort, clock, (id) => this.#services.find(id));
    this.#outputWaits = new OutputWaits(this.#stage, this.#output);
  }

  /** Closes the ports at the place, once the kernel has ended and its outputs were read. */
  forget(): void {
    this.#closePorts();
  }

  #closePorts(): void {
    const { port, place } = this.#input?.at ?? {};
    if (port !== undefined) place?.closePort?.(port);
    if (this.#outputPort !== undefined) this.#place.closePort?.(this.#outputPort);
  }

  #spawn(isActive: boolean, start: Start, as = this.#current): Promise<Incarnation> {
    const { clock, telemetry } = this.#services;
    const { at, definition, peers, restored, rate, share } = as;
    const assignment = this.#stage?.stage;
    const unit: UnitSpec = {
      kernel: definition,
      peers,
      input: at.port,
      routes: {
        output: this.#exit ?? this.#output.route,
        peer: (name) => this.#services.find(peers.get(name) ?? name),
      },
      reports: {
        error: (error) => this.#services.error(error),
        stalled: (peer) => this.#stalled(peer),
        relocate: () => this.restart(),
        deadLetter: (...deadLetter) => this.#deadLetters.deadLetter(...deadLetter),
        checkpoint: (state, settles) => this.#checkpoints.save(state, settles),
        checkpointSettled: () => this.#checkpoints.settled(),
        log: (...entry) => this.#services.log(this.id, ...entry),
      },
      restored,
      published: this.#published,
      clock,
      telemetry,
      processing: this.#processing,
      isActive,
      assignment: assignment && { ...assignment, rate, share },
    };
    return at.place.spawn(unit, start);
  }

  get #current(): Spawned {
    const { definition } = this;
    const [peers, rate, share] = [this.#peers, this.#rate, this.#share];
    return { at: this.#input.at, definition, peers, rate, share, restored: this.#checkpoints.latest };
  }

  #stalled(peer: string | undefined): void {
    const services = this.#services;
    if (peer === undefined) services.stalled(this.id, this.#outputWaits.description);
    // a slow answer is no stall, but a kernel that was never activated does not answer
    else if (services.isUnserved(peer)) services.stalled(this.id, `the activation of "${peer}"`);
  }

  /**
   * Activates a launched or deactivated kernel; as `reactivate`, a deactivated one only. Rejects with `KERNEL_STATE`.
   */
  activate(operation: "activate" | "reactivate", wait: WaitOptions = {}): Promise<void> {
    return this.#within(wait, operation, () => this.#activate(operation === "activate"));
  }

  async #activate(isFirst: boolean): Promise<void> {
    if (!(this.#isIn("deactivated") || (isFirst && this.#isIn("launched")))) {
      const cause = this.#failure === undefined ? {} : { cause: this.#failure };
      throw new errors.KERNEL_STATE({ state: this.#state, wanted: "active" }, { kernelId: this.id, ...cause });
    }
    this.#setState("active");
    await this.#incarnations.setActive(true);
    if (this.#isIn("active")) await this.#input.gate(true); // unless deactivated meanwhile
  }

  deactivate(wait: WaitOptions = {}): Promise<void> {
    return this.#within(wait, "deactivate", async () => {
      this.#setState("deactivated");
      await this.#input.gate(false);
      if (this.#isIn("deactivated")) await this.#incarnations.setActive(false);
    });
  }

  async #within(wait: WaitOptions, operation: string, act: () => Promise<void>): Promise<void> {
    checkWait(wait, operation, this.id);
    await limited(act(), wait, this.#services.clock, operation, this.id);
  }

  check(message: unknown): AnyMessage {
    return this.#accepted.check(message);
  }

  send(message: unknown, wait: SendOptions | undefined): Promise<void> {
    try {
      const checked = entering(withoutRequester(this.check(message)));
      if (wait?.delay !== undefined || wait?.at !== undefined) return this.#sendLater(checked, wait);
      // push checks the options; without any, a port with room takes the message at once
      if (wait === undefined && this.#input.tryPush(checked)) return turn.spend() ? turn.next() : ACCEPTED;
      const pushed = this.#input.push(checked, wait);
      return turn.spend() ? afterTurn(pushed) : pushed;
    } catch (error) {
      return turn.spend() ? afterTurn(Promise.reject(error)) : Promise.reject(error);
    }
  }

  #sendLater(message: AnyMessage, options: SendOptions): Promise<void> {
    if (this.#ending.ended !== undefined) throw this.#endedWith("send");
    this.#input.scheduled ??= new ScheduledMessages({
      id: this.id,
      clock: this.#services.clock,
      input: this.#input,
      deadLetter: (late, error) => this.#deadLetters.deadLetter(late, error, 0),
      cancelled: (late) => this.#services.dropped(this, late),
    });
    this.#input.scheduled.add(message, options);
    return turn.spend() ? turn.next() : ACCEPTED;
  }

  /** Returns a queued output, or undefined. Throws what `receive` rejects with. */
  tryReceive(): AnyMessage | undefined {
    if (this.#stage !== undefined) throw portLinked(this.id, this.#stage);
    return this.#output.tryReceive();
  }

  receive(wait: WaitOptions | undefined): Promise<AnyMessage> {
    if (this.#stage !== undefined) return Promise.reject(portLinked(this.id, this.#stage));
    return this.#output.receive(wait);
  }

  async request(message: unknown, wait: WaitOptions | undefined): Promise<AnyMessage> {
    const checked = entering(this.check(message));
    const answer = request(this, checked, wait, "the host", NO_REQUEST_CAUSE, this.#services.clock);
    return this.#isIn("launched") ? this.#beforeActivation(answer) : answer;
  }

  /** Reports a stall while a request waits for an activation, which may have been forgotten. */
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
    if (this.#stage !== undefined) throw portLinked(this.id, this.#stage);
    const { mode, ...wait } = options;
    const { clock } = this.#services;
    await bounded(wait, clock, "connect", this.id, (signal) => this.#output.connect(target, mode, signal));
  }

  async disconnect(target: string, wait: WaitOptions = {}): Promise<void> {
    checkWait(wait, "disconnect", this.id);
    await bounded(wait, this.#services.clock, "disconnect", this.id, (signal) =>
      this.#output.disconnect(target, signal),
    );
  }

  /**
   * Prepares an ended kernel to be forgotten: unread outputs become dead letters. Rejects with `KERNEL_STATE` for a
   * kernel that has not ended, and with `PORT_LINKED` for a stage.
   */
  async settle(): Promise<void> {
    if (this.#stage !== undefined) throw portLinked(this.id, this.#stage);
    if (!isEnded(this.#state)) {
      const remedy = "A kernel is forgotten once it has ended: terminate it first.";
      throw new errors.KERNEL_STATE({ state: this.#state, wanted: "terminated" }, { kernelId: this.id, remedy });
    }
    await this.isSpent();
    await this.dispose();
  }

  /**
   * Changes the running kernel; changes run one after the other. Rejects as `move` and `swap` of the runtime do: then the
   * kernel runs on as it was.
   */
  change(change: Change, wait: KernelWait): Promise<void> {
    this.#changes ??= this.#newChanges();
    return this.#changes.apply(change, wait);
  }

  #newChanges(): KernelChanges {
    return new KernelChanges({
      id: this.id,
      services: this.#services,
      input: this.#input,
      incarnations: this.#incarnations,
      checkpoints: this.#checkpoints,
      deadLetters: this.#deadLetters,
      hasEnded: () => this.#ending.ended !== undefined,
      current: () => this.#current,
      openPort: (place, signal, thread, capacity) => this.#open("input", place, signal, thread, capacity),
      spawn: (...start) => this.#spawn(...start),
      become: (own) => this.#become(own),
      terminated: (operation) => this.#terminated(operation)(),
    });
  }

  #become({ definition, peers, rate, share }: Omit<Spawned, "at" | "restored">): void {
    this.definition = definition;
    this.#peers = peers;
    this.#rate = rate;
    this.#share = share;
    this.#accepted = new AcceptedTypes(definition.input, this.id);
    this.#incarnations.supervise(definition.supervise);
  }

  /**
   * Replaces the incarnation, because a kernel that it depends on has failed or its place wants it elsewhere. The queue
   * stays. Returns false if the kernel cannot be restarted now.
   */
  restart(): boolean {
    return (
      (this.#state === "active" || this.#state === "deactivated") &&
      this.#incarnations.replace({ limit: TERMINATE_TIMEOUT })
    );
  }

  /** Runs the flush callbacks of the body. Rejects with what they throw. */
  flush(): Promise<void> {
    return this.#incarnations.flush();
  }

  /**
   * Makes dead letters of queued messages whose flow input was cancelled. Returns their number; undefined if the queue
   * is not accessible here.
   */
  discardCancelled(): number | undefined {
    const flow = this.#stage?.flow ?? "";
    return this.#unprocessed.discard(
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
    const { queueSize, backpressure, output } = this.definition;
    return {
      kernelId: this.id,
      backend: this.backend,
      flow: this.#stage?.flow ?? null,
      stage: this.#stage?.stage.name ?? null,
      state: this.#state,
      place: this.#incarnations.place,
      accepts: this.#accepted.names,
      sends: output.map(({ type }) => type),
      links: this.#output.route.linkedTo,
      peers: [...this.#peers.values()],
      queueSize,
      backpressure,
      queued,
      inHand,
      parkedSenders: parked,
      waitsOn: this.#outputWaits.resolve(waits),
    };
  }

  async terminate(options: TerminateOptions): Promise<void> {
    checkLimits(options, "terminate", this.id);
    await this.#ending.beginWithin(options, (deadlines) => this.#terminate(options.drain ?? false, deadlines));
  }

  /** Terminates the kernel. No step waits longer for the place than the deadlines allow. */
  async #terminate(drain: boolean, { grace, late }: TerminationDeadlines): Promise<void> {
    const wasActive = this.#state === "active";
    const incarnations = this.#incarnations;
    this.#setState("terminating");
    await settlesBefore(this.#input.seal(this.#terminated("send")), grace);
    if (drain && wasActive && !grace.aborted) await this.#drained(grace);
    await settlesBefore(incarnations.stop("cooperative"), grace);
    const isAbandoned = !(await settlesBefore(incarnations.ended, grace));
    if (isAbandoned) {
      void incarnations.stop("abandon");
      if (!(await settlesBefore(incarnations.ended, late))) {
        incarnations.abandon();
        this.#services.error(
          new errors.TIMEOUT({ operation: "abandon", timeout: REPORT_GRACE }, { kernelId: this.id }),
        );
      }
    }
    const exit = await incarnations.ended;
    const ended = this.#terminated("receive");
    // a place that had to be ended with the kernel did not fail
    const inFlight = isAbandoned && exit.kind === "failed" ? undefined : this.#unprocessedBy(exit);
    await this.#close(ended, late, inFlight ?? ended);
    this.#setState("terminated");
  }

  /** Resolves when nothing is queued or in flight, the kernel has ended, or its grace period is over. */
  async #drained(grace: AbortSignal): Promise<void> {
    const idle = new AbortController();
    const settled = this.#input.idle({ signal: idle.signal }).catch((error) => {
      if (!isRinglineError(error, "ABORTED")) throw error;
    });
    await settlesBefore(Promise.race([settled, this.#incarnations.ended]), grace);
    idle.abort(ABORTED);
  }

  /** Seals the output when the kernel is forgotten or the runtime disposed: unread outputs become dead letters. */
  async dispose(): Promise<void> {
    const unread = await this.#outputPort.remove();
    if (unread.length > 0 && !this.#output.isUsed) this.#services.unread(this.id, unread.length);
    for (const { message } of unread) {
      this.#services.deadLetter(this.id, message, this.#terminated("receive")(), 0);
    }
    await this.#outputPort.seal(this.#terminated("send"));
  }

  async #exited(exit: Exit): Promise<void> {
    if (this.#ending.ended !== undefined) return; // terminate() handles this exit
    await this.#ending.begin(({ late }) =>
      exit.kind === "failed" ? this.#fail(exit.error, late) : this.#finish(late),
    );
  }

  async #finish(late: AbortSignal): Promise<void> {
    this.#hasReturned = true;
    this.#setState("terminating");
    await this.#close(this.#terminated("receive"), late);
    this.#setState("terminated");
  }

  async #fail(cause: AnyRinglineError, late: AbortSignal): Promise<void> {
    this.#failure = cause;
    this.#setState("failed");
    this.#output.close(() => this.#crash(cause)); // at once: the place may take time to report unprocessed messages
    const closed = this.#close(() => this.#crash(cause), late);
    this.#stage?.failedForGood(this.#crash(cause), closed);
    await closed;
  }

  async #recover(exit: Exit | undefined): Promise<void> {
    const { attempts } = await this.#incarnations.stats();
    if (exit === undefined) return this.#unprocessed.retry(attempts); // a requested restart is no failure
    if (exit.kind !== "failed") return this.#unprocessed.deadLetterInFlight(attempts, this.#terminated("the kernel"));
    if (this.definition.supervise.onCrash === "retry") return this.#unprocessed.retry(attempts);
    return this.#unprocessed.deadLetterInFlight(attempts, () => this.#crash(exit.error));
  }

  /**
   * Ends all waits for this kernel and makes dead letters of its unprocessed messages; if the place has not reported
   * them by `late`, as soon as it does.
   */
  async #close(error: () => AnyRinglineError, late: AbortSignal, inFlight = error): Promise<void> {
    this.#closed = this.#deadLetterUnprocessed(error, inFlight).finally(() => {
      this.#isClosed = true;
    });
    await settlesBefore(this.#closed, late);
    this.#output.close(error);
  }

  async #deadLetterUnprocessed(error: () => AnyRinglineError, inFlight: () => AnyRinglineError): Promise<void> {
    await this.#input.seal(error);
    const { attempts } = await this.#incarnations.stats();
    await this.#unprocessed.deadLetterInFlight(attempts, inFlight);
    await this.#unprocessed.deadLetterQueued(error);
    this.#input.scheduled?.end(error);
  }

  /** The error for messages that were in flight at the exit; undefined if the exit has none of its own. */
  #unprocessedBy(exit: Exit): (() => AnyRinglineError) | undefined {
    if (exit.kind === "failed") return () => this.#crash(exit.error);
    const unfinished = exit.kind === "stopped" ? exit.unfinished : undefined;
    return unfinished && (() => unfinished);
  }

  /** Wraps an error for other kernels and the host: it names the kernel, the message and the exception. */
  #crash(error: AnyRinglineError): AnyRinglineError {
    const place = { kernelId: this.id, messageId: error.messageId, stage: error.stage };
    return new errors.KERNEL_FAILED({ restarts: this.#incarnations.restarts }, { cause: original(error), ...place });
  }

  /** The error of a call to a kernel that ends or has ended. */
  #endedWith(operation: string): AnyRinglineError {
    return this.#failure === undefined ? this.#terminated(operation)() : this.#crash(this.#failure);
  }

  #terminated(operation: string): () => AnyRinglineError {
    const remedy =
      'Its `run` body returned, which ends a kernel: loop over `ctx` until that ends, or set `supervise: { restart: "always" }`.';
    return () => new errors.TERMINATED({ operation }, { kernelId: this.id, ...(this.#hasReturned && { remedy }) });
  }

  #isIn(state: KernelState): boolean {
    return this.#state === state;
  }

  #setState(state: KernelState): void {
    const from = this.#state;
    checkTransition(this.id, from, state);
    this.#state = state;
    this.#services.stateChanged(this, from);
  }
}

/** Returns a message for the host to send, without the requester of an earlier request. */
function withoutRequester(message: AnyMessage): AnyMessage {
  if (optionalHeadersOf(message) === undefined || lineageOf(message) === undefined) return message;
  return copyMessage(message, { ...envelopeOf(message), lineage: undefined });
}

/** The exception of a kernel, without the wrapper of core. */
function original(error: AnyRinglineError): unknown {
  return error.code === "KERNEL_FAILED" && error.cause !== undefined ? error.cause : error;
}
