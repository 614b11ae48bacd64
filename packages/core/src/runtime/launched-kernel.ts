import { type AnyRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { AcceptedTypes } from "../messages/accepted-types.js";
import { type AnyMessage, lineageOf, raritiesOf } from "../messages/any-message.js";
import { NO_PARENT } from "../messages/ask.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { LandingOutlet } from "../ports/landing-outlet.js";
import { request } from "../ports/request.js";
import type { Place } from "../seam/backend.js";
import type { Exit, Incarnation } from "../seam/incarnation.js";
import type { Outlet, Port, PortSpec } from "../seam/port.js";
import type { OutputOutlet, PeerRoute } from "../seam/routes.js";
import { entering } from "../telemetry/hops.js";
import type { KernelTelemetry } from "../telemetry/telemetry.js";
import { inTurn, turn } from "../time/turn.js";
import { checkLimits, type WaitOptions } from "../time/wait-options.js";
import type { TerminateOptions } from "./channel.js";
import { Checkpoints } from "./checkpoints.js";
import { type FlowSeat, portLinked } from "./flow-seat.js";
import type { KernelInspection } from "./inspection.js";
import { KernelEnding, settlesBefore, TERMINATE_TIMEOUT } from "./kernel-ending.js";
import { KernelLetters } from "./kernel-letters.js";
import { KernelOutput } from "./kernel-output.js";
import type { KernelState } from "./kernel-state.js";
import type { KernelSurroundings } from "./kernel-surroundings.js";
import { telemetryOf } from "./kernel-telemetry.js";
import { checkTransition, isEnded } from "./kernel-transitions.js";
import { Lives } from "./lives.js";
import type { LinkMode } from "./output-route.js";
import { OutputWaits } from "./output-waits.js";
import { PublishedOutputs } from "./published.js";
import { Supervisor } from "./supervisor.js";
import { Unfinished } from "./unfinished.js";

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
  readonly #lives: Lives;
  readonly #ending: KernelEnding;
  readonly #checkpoints = new Checkpoints();
  readonly #published = new PublishedOutputs();
  #state: KernelState = "created";
  #place!: Place;
  #input!: Port;
  #outlet!: Outlet;
  #unfinished!: Unfinished;
  #outputPort!: Port;
  #output!: KernelOutput;
  /** In a flow: where its outputs go. */
  #exit: OutputOutlet | undefined;
  #outputWaits!: OutputWaits;
  /** Why it failed. */
  #failure: AnyRinglineError | undefined;

  constructor(
    definition: KernelDefinition,
    backend: string,
    peers: ReadonlyMap<string, string>,
    around: KernelSurroundings,
    seat?: FlowSeat,
  ) {
    this.id = definition.id;
    this.definition = definition;
    this.backend = backend;
    this.#around = around;
    this.#seat = seat;
    this.#peers = peers;
    this.#accepted = new AcceptedTypes(definition.input, definition.id);
    this.#letters = new KernelLetters(definition, around, seat);
    this.#ending = new KernelEnding(definition.id, around.clock);
    this.#lives = new Lives(
      {
        id: this.id,
        spawn: (isActive, again) => this.#spawn(isActive, again),
        recover: (exit) => this.#betweenLives(exit),
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

  /** Resolves when it has ended; true when nothing is left in its output, nor can come back to it. */
  async isSpent(): Promise<boolean> {
    await this.#ending.ended;
    return this.#output.isSpent();
  }

  /** The kernels that it sends to: by links, and as peers. */
  get feeds(): readonly string[] {
    return [...this.#output.route.linkedTo, ...this.#peers.values()];
  }

  get outlet(): Outlet {
    return this.#outlet;
  }

  /** `isHere`: messages reach it by reference. */
  async launch(place: Place, isHere: boolean): Promise<void> {
    const { clock, telemetry } = this.#around;
    const { queueSize, backpressure } = this.definition;
    const dropped = (message: AnyMessage) => this.#letters.dropped(this, message);
    const port: Omit<PortSpec, "direction"> = {
      kernelId: this.id,
      capacity: queueSize,
      backpressure,
      telemetry,
      dropped,
    };
    this.#place = place;
    this.#input = await place.openPort({ ...port, direction: "input" });
    this.#outlet = isHere ? this.#input.outlet : new LandingOutlet(this.#input.outlet);
    this.#unfinished = new Unfinished(this.#input, this.#checkpoints, this.#published, this.#letters);
    // what the kernel sends is timed where it arrives
    const isFifo = this.#seat?.port !== undefined;
    const output = { direction: "output", backpressure: "block", telemetry: undefined, isFifo } as const;
    this.#outputPort = await place.openPort({ ...port, ...output });
    this.#exit = this.#seat?.port?.(this.#outputPort) ?? this.#seat?.exit;
    this.#output = new KernelOutput(this.definition, this.#outputPort, clock, (id) => this.#around.find(id));
    this.#outputWaits = new OutputWaits(this.#seat, this.#output);
    await this.#lives.begin();
    this.#to("launched");
    void this.#lives.ended.then((exit) => this.#exited(exit));
  }

  #spawn(isActive: boolean, again: AbortSignal | undefined): Promise<Incarnation> {
    const { clock, telemetry } = this.#around;
    return this.#place.spawn({
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
      isActive,
      again,
      seat: this.#seat?.stage,
      inputs: this.#seat?.inputs,
    });
  }

  /** From launched with `activate`, from deactivated with `reactivate`. Throws `KERNEL_STATE`. */
  async activate(from: "launched" | "deactivated"): Promise<void> {
    if (this.#state !== from) {
      const cause = this.#failure === undefined ? {} : { cause: this.#failure };
      throw new errors.KERNEL_STATE({ state: this.#state, wanted: "active" }, { kernelId: this.id, ...cause });
    }
    this.#to("active");
    await this.#lives.setActive(true);
    if (this.#is("active")) await this.#input.gate(true); // it may have been deactivated meanwhile
  }

  async deactivate(): Promise<void> {
    this.#to("deactivated");
    await this.#input.gate(false);
    if (this.#is("deactivated")) await this.#lives.setActive(false);
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

  receive(wait: WaitOptions | undefined): Promise<AnyMessage> {
    if (this.#seat !== undefined) return Promise.reject(portLinked(this.id, this.#seat));
    return this.#output.receive(wait);
  }

  async request(message: unknown, wait: WaitOptions | undefined): Promise<AnyMessage> {
    return request(this, entering(this.check(message)), wait, "the host", NO_PARENT, this.#around.clock);
  }

  connect(target: unknown, mode: LinkMode | undefined): Promise<void> {
    if (this.#seat !== undefined) return Promise.reject(portLinked(this.id, this.#seat));
    return this.#output.connect(target, mode);
  }

  /**
   * Gives it a new incarnation, as another kernel that it depends on has failed, or its place would have it elsewhere. Its
   * queue stays. False where it has none to begin with.
   */
  renew(): boolean {
    return (this.#state === "active" || this.#state === "deactivated") && this.#lives.renew(TERMINATE_TIMEOUT);
  }

  /** Lets the body send what it keeps back. Rejects with what it throws. */
  flush(): Promise<void> {
    return this.#lives.flush();
  }

  telemetry(): Promise<KernelTelemetry> {
    return telemetryOf(this.id, this.#input, this.#outputPort, this.#lives);
  }

  async inspect(): Promise<KernelInspection> {
    const [{ ledger, parked }, { waits }] = await Promise.all([this.#input.stats(), this.#lives.stats()]);
    const { queued, inHand } = ledger;
    const waitsOn = this.#outputWaits.resolve(waits);
    return { kernelId: this.id, state: this.#state, queued, inHand, parkedSenders: parked, waitsOn };
  }

  async terminate(options: TerminateOptions): Promise<void> {
    checkLimits(options, "terminate", this.id);
    if (isEnded(this.#state)) return this.#ending.ended;
    await this.#ending.beginWithin(options, (grace) => this.#terminate(options.drain ?? false, grace));
  }

  async #terminate(drain: boolean, grace: AbortSignal): Promise<void> {
    const wasActive = this.#state === "active";
    this.#to("terminating");
    await this.#input.seal(this.#terminated("send"));
    if (drain && wasActive && !grace.aborted) await this.#drained(grace);
    await this.#lives.stop("cooperative");
    if (!(await settlesBefore(this.#lives.ended, grace))) await this.#lives.stop("abandon");
    const exit = await this.#lives.ended;
    const ended = this.#terminated("receive");
    await this.#close(ended, this.#unfinishedBy(exit) ?? ended);
    this.#to("terminated");
  }

  /** Resolves when nothing is queued or in hand, the kernel has ended, or its grace period is over. */
  async #drained(grace: AbortSignal): Promise<void> {
    try {
      await Promise.race([this.#input.idle({ signal: grace }), this.#lives.ended]);
    } catch (error) {
      if (!isRinglineError(error, "ABORTED")) throw error;
    }
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
    await this.#ending.begin(() => (exit.kind === "failed" ? this.#fail(exit.error) : this.#finish()));
  }

  async #finish(): Promise<void> {
    this.#to("terminating");
    await this.#close(this.#terminated("receive"));
    this.#to("terminated");
  }

  async #fail(cause: AnyRinglineError): Promise<void> {
    this.#failure = cause;
    this.#to("failed");
    this.#output.close(() => this.#crash(cause)); // with the state: what is left takes time to come back from elsewhere
    await this.#close(() => this.#crash(cause));
  }

  async #betweenLives(exit: Exit | undefined): Promise<void> {
    const { attempts } = await this.#lives.stats();
    if (exit === undefined) return this.#unfinished.retry(attempts); // it did nothing wrong
    if (exit.kind !== "failed") return this.#unfinished.buryInHand(attempts, this.#terminated("the kernel"));
    if (this.definition.supervise.onCrash === "retry") return this.#unfinished.retry(attempts);
    return this.#unfinished.buryInHand(attempts, () => this.#crash(exit.error));
  }

  /** Settles everything that waits for this kernel, and makes dead letters of what it leaves undone. */
  async #close(error: () => AnyRinglineError, inHand = error): Promise<void> {
    await this.#input.seal(error);
    const { attempts } = await this.#lives.stats();
    await this.#unfinished.buryInHand(attempts, inHand);
    await this.#unfinished.buryQueued(error);
    this.#output.close(error);
  }

  /** Why it leaves undone what it had in hand, where the end alone does not say it. */
  #unfinishedBy(exit: Exit): (() => AnyRinglineError) | undefined {
    if (exit.kind === "failed") return () => this.#crash(exit.error);
    const unfinished = exit.kind === "stopped" ? exit.unfinished : undefined;
    return unfinished && (() => unfinished);
  }

  /** What others hear of a failure: the kernel, the message, and what was thrown. */
  #crash(error: AnyRinglineError): AnyRinglineError {
    const place = { kernelId: this.id, messageId: error.messageId, stage: error.stage };
    return new errors.KERNEL_FAILED({ restarts: this.#lives.restarts }, { cause: original(error), ...place });
  }

  #terminated(operation: string): () => AnyRinglineError {
    return () => new errors.TERMINATED({ operation }, { kernelId: this.id });
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

/** What a kernel threw, without the wrapping that core gave it. */
function original(error: AnyRinglineError): unknown {
  return error.code === "KERNEL_FAILED" && error.cause !== undefined ? error.cause : error;
}
