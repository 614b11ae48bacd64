import { type AnyRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import { idOfTarget } from "../kernels/address.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { AcceptedTypes } from "../messages/accepted-types.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { request } from "../messages/request.js";
import { Receivers } from "../ports/receivers.js";
import type { Place } from "../seam/backend.js";
import type { Exit, Incarnation } from "../seam/incarnation.js";
import type { Outlet, Port, PortSpec } from "../seam/port.js";
import type { PeerRoute, Reports } from "../seam/routes.js";
import type { KernelTelemetry, TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import { limitWait } from "../time/limit-wait.js";
import { onAbort } from "../time/on-abort.js";
import { inTurn, turn } from "../time/turn.js";
import { checkLimits, type WaitOptions } from "../time/wait-options.js";
import type { KernelState } from "./kernel-state.js";
import { telemetryOf } from "./kernel-telemetry.js";
import { checkTransition, isEnded } from "./kernel-transitions.js";
import { Lives } from "./lives.js";
import { type LinkMode, OutputRoute } from "./output-route.js";
import type { TerminateOptions } from "./runtime-types.js";
import { Supervisor } from "./supervisor.js";

const ACCEPTED = Promise.resolve();

/** What a launched kernel needs of its runtime. */
export interface KernelSurroundings {
  readonly clock: Clock;
  readonly telemetry: TelemetryOptions | undefined;
  /** Throws `KERNEL_UNKNOWN`. */
  find(id: string): LaunchedKernel;
  stateChanged(kernel: LaunchedKernel, from: KernelState): void;
  error(error: AnyRinglineError): void;
  stalled(kernelId: string, waitsOn: string): void;
  restarts(kernelId: string, attempt: number, delay: number): void;
  /** Keeps a message with the reason, and tells whoever asked with it. */
  deadLetter(kernelId: string, message: AnyMessage, error: AnyRinglineError, attempts: number): void;
  dropped(kernel: LaunchedKernel, message: AnyMessage): void;
  log: (kernelId: string, ...entry: Parameters<Reports["log"]>) => void;
}

/** Milliseconds that a kernel gets to end by itself, unless said otherwise. */
export const TERMINATE_TIMEOUT = 5000;

/** A kernel from its launch to its end: its state, its ports, and the incarnation that runs now. */
export class LaunchedKernel implements PeerRoute {
  readonly id: string;
  readonly definition: KernelDefinition;
  readonly backend: string;
  readonly #around: KernelSurroundings;
  readonly #peers: ReadonlyMap<string, string>;
  readonly #accepted: AcceptedTypes;
  #state: KernelState = "created";
  #input!: Port;
  #output!: Port;
  readonly #lives: Lives;
  #place!: Place;
  #receivers!: Receivers;
  #route!: OutputRoute;
  #ending: Promise<void> | undefined;
  /** Aborted when the kernel has had the time to end by itself. */
  readonly #grace = new AbortController();
  #connected: Promise<void> = ACCEPTED;
  /** Calls of `connect` that have not ended. */
  #connecting = 0;
  /** How often a message was in hand at a crash. */
  readonly #attempts = new WeakMap<AnyMessage, number>();
  /** What receivers hear once the kernel has ended and its output is empty. */
  #ended: (() => AnyRinglineError) | undefined;
  /** Why it failed. */
  #failure: AnyRinglineError | undefined;

  constructor(
    definition: KernelDefinition,
    backend: string,
    peers: ReadonlyMap<string, string>,
    around: KernelSurroundings,
  ) {
    this.id = definition.id;
    this.definition = definition;
    this.backend = backend;
    this.#around = around;
    this.#peers = peers;
    this.#accepted = new AcceptedTypes(definition.input, definition.id);
    this.#lives = new Lives(
      {
        id: this.id,
        spawn: (isActive) => this.#spawn(isActive),
        recover: (exit) => this.#betweenLives(exit),
        restarting: (attempt, delay) => around.restarts(this.id, attempt, delay),
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
    await this.#ending;
    return this.#connecting === 0 && (await this.#output.stats()).ledger.queued === 0;
  }

  /** The kernels that it sends to: by links, and as peers. */
  get feeds(): readonly string[] {
    return [...this.#route.linkedTo, ...this.#peers.values()];
  }

  get outlet(): Outlet {
    return this.#input.outlet;
  }

  async launch(place: Place): Promise<void> {
    const { telemetry } = this.#around;
    const { queueSize, backpressure } = this.definition;
    const dropped = (message: AnyMessage) => this.#around.dropped(this, message);
    const port: Omit<PortSpec, "direction"> = {
      kernelId: this.id,
      capacity: queueSize,
      backpressure,
      telemetry,
      dropped,
    };
    this.#input = await place.openPort({ ...port, direction: "input" });
    // what the kernel sends is timed where it arrives
    this.#output = await place.openPort({ ...port, direction: "output", backpressure: "block", telemetry: undefined });
    this.#receivers = this.#openReceivers();
    this.#route = new OutputRoute(this.id, this.#output.outlet, this.#around.clock);
    this.#place = place;
    await this.#lives.begin();
    this.#to("launched");
    void this.#lives.ended.then((exit) => this.#exited(exit));
  }

  #spawn(isActive: boolean): Promise<Incarnation> {
    const { telemetry } = this.#around;
    return this.#place.spawn({
      kernel: this.definition,
      peers: this.#peers,
      input: this.#input,
      routes: {
        output: this.#route,
        peer: (name) => this.#around.find(this.#peers.get(name) ?? name),
      },
      reports: {
        error: (error) => this.#around.error(error),
        stalled: () => this.#around.stalled(this.id, this.#route.linkedTo.join(", ") || `a reader of "${this.id}"`),
        deadLetter: (message, error, attempts) => {
          this.#around.deadLetter(this.id, message, error, attempts + (this.#attempts.get(message) ?? 0));
        },
        log: (...entry) => this.#around.log(this.id, ...entry),
      },
      clock: this.#around.clock,
      telemetry,
      isActive,
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
      const checked = unbound(this.check(message));
      // push checks the options; without any, a port with room takes the message at once
      if (wait === undefined && this.#input.outlet.tryPush(checked)) return turn.spend() ? turn.next() : ACCEPTED;
      const pushed = this.#input.outlet.push(checked, wait);
      return turn.spend() ? inTurn(pushed) : pushed;
    } catch (error) {
      return turn.spend() ? inTurn(Promise.reject(error)) : Promise.reject(error);
    }
  }

  receive(wait: WaitOptions | undefined): Promise<AnyMessage> {
    return this.#receivers.receive(wait);
  }

  async request(message: unknown, wait: WaitOptions | undefined): Promise<AnyMessage> {
    return request(this, this.check(message), wait, "the host", undefined, this.#around.clock);
  }

  /** One at a time: the next link begins where the one before has ended, or failed. */
  connect(target: unknown, mode: LinkMode | undefined): Promise<void> {
    const connected = this.#connected.then(() => this.#connect(target, mode));
    const done = () => {
      this.#connecting--;
    };
    this.#connecting++;
    this.#connected = connected.then(done, done);
    return connected;
  }

  async #connect(target: unknown, mode: LinkMode | undefined): Promise<void> {
    const id = idOfTarget(target);
    this.#checkLink(this.#around.find(id));
    const link = { id, outlet: () => this.#around.find(id).outlet };
    this.#route.link(link, mode);
    this.#receivers.shut(() => new errors.PORT_LINKED({ to: this.#route.linkedTo }, { kernelId: this.id }));
    try {
      await this.#route.forward(this.#output.inlet);
    } catch (error) {
      this.#route.unlink(link);
      if (this.#route.linkedTo.length === 0) this.#receivers = this.#openReceivers();
      throw error;
    }
  }

  #openReceivers(): Receivers {
    const receivers = new Receivers(this.#output.inlet, this.#around.clock, this.id);
    if (this.#ended !== undefined) receivers.close(this.#ended);
    return receivers;
  }

  /** Throws `TERMINATED` for a target that takes nothing any more, `TYPE_MISMATCH` for one that does not take all outputs. */
  #checkLink({ id, state, definition }: LaunchedKernel): void {
    if (isEnded(state) || state === "terminating") {
      throw new errors.TERMINATED({ operation: "connect" }, { kernelId: id });
    }
    const wanted = definition.input.map(({ type }) => type);
    for (const { type } of this.definition.output) {
      if (!wanted.includes(type)) throw new errors.TYPE_MISMATCH({ wanted, got: type }, { kernelId: id });
    }
  }

  telemetry(): Promise<KernelTelemetry> {
    return telemetryOf(this.id, this.#input, this.#output, this.#lives);
  }

  /** Ends the kernel; every further call waits for the same end, and may cut its grace period short. */
  async terminate(options: TerminateOptions): Promise<void> {
    checkLimits(options);
    const { timeout = TERMINATE_TIMEOUT, drain = false, signal } = options;
    if (isEnded(this.#state)) return this.#ending;
    const cutShort = () => this.#grace.abort();
    const unlimit = limitWait({ timeout, signal }, this.#around.clock, "terminate", this.id, cutShort);
    if (signal?.aborted) cutShort();
    if (this.#ending === undefined) this.#endBy(() => this.#terminate(drain));
    try {
      await this.#ending;
    } finally {
      unlimit();
    }
  }

  async #terminate(drain: boolean): Promise<void> {
    const { signal } = this.#grace;
    const wasActive = this.#state === "active";
    this.#to("terminating");
    await this.#input.seal(this.#terminated("send"));
    if (drain && wasActive && !signal.aborted) await this.#drained(signal);
    await this.#lives.stop("cooperative");
    if (!(await settlesBefore(this.#lives.ended, signal))) await this.#lives.stop("abandon");
    const exit = await this.#lives.ended;
    const ended = this.#terminated("receive");
    await this.#close(ended, exit.kind === "failed" ? () => this.#crash(exit.error) : ended);
    this.#to("terminated");
  }

  /** Resolves when nothing is queued or in hand, the kernel has ended, or its grace period is over. */
  async #drained(signal: AbortSignal): Promise<void> {
    try {
      await Promise.race([this.#input.idle({ signal }), this.#lives.ended]);
    } catch (error) {
      if (!isRinglineError(error, "ABORTED")) throw error;
    }
  }

  /** Ends what is left when the runtime is disposed: outputs nobody read become dead letters. */
  async dispose(): Promise<void> {
    for (const message of await this.#output.remove()) {
      this.#around.deadLetter(this.id, message, this.#terminated("receive")(), 0);
    }
    await this.#output.seal(this.#terminated("send"));
  }

  async #exited(exit: Exit): Promise<void> {
    if (this.#ending !== undefined) return; // it was asked to end, and whoever asked goes on from here
    await this.#endBy(() => (exit.kind === "failed" ? this.#fail(exit.error) : this.#finish()));
  }

  /** Runs the end; whoever is called by it, and asks for the end as well, waits for the same one. */
  #endBy(end: () => Promise<void>): Promise<void> {
    let settle!: (end: Promise<void>) => void;
    this.#ending = new Promise((resolve) => {
      settle = resolve;
    });
    settle(end());
    return this.#ending;
  }

  async #finish(): Promise<void> {
    this.#to("terminating");
    await this.#close(this.#terminated("receive"));
    this.#to("terminated");
  }

  async #betweenLives(exit: Exit): Promise<void> {
    if (exit.kind !== "failed") return this.#recover(false, this.#terminated("the kernel"));
    const retries = this.definition.supervise.onCrash === "retry";
    return this.#recover(retries, () => this.#crash(exit.error));
  }

  async #fail(cause: AnyRinglineError): Promise<void> {
    this.#failure = cause;
    this.#to("failed");
    this.#tellReceivers(() => this.#crash(cause)); // with the state: what is left takes time to come back from elsewhere
    await this.#close(() => this.#crash(cause));
  }

  /** Settles everything that waits for this kernel, and makes dead letters of what it leaves undone. */
  async #close(error: () => AnyRinglineError, inHand = error): Promise<void> {
    await this.#input.seal(error);
    await this.#recover(false, inHand);
    for (const message of await this.#input.remove()) {
      this.#around.deadLetter(this.id, message, error(), this.#attempts.get(message) ?? 0);
    }
    this.#tellReceivers(error);
  }

  /** Nothing more comes: whoever receives hears why, once the output is empty. */
  #tellReceivers(error: () => AnyRinglineError): void {
    this.#ended = error;
    if (this.#route.linkedTo.length === 0) this.#receivers.close(error);
  }

  /** Takes back what was in hand, to be delivered again or to become dead letters. */
  async #recover(retries: boolean, error: () => AnyRinglineError): Promise<void> {
    const { attempts: latest } = await this.#lives.stats();
    const inHand = await this.#input.recover();
    // each one requeued is first in line: the oldest comes last
    for (const message of retries ? [...inHand].reverse() : inHand) {
      const attempts = (this.#attempts.get(message) ?? 0) + latest;
      if (retries) {
        this.#attempts.set(message, attempts);
        this.#input.inlet.settle(message, "requeued");
      } else {
        this.#input.inlet.settle(message, "dead-lettered");
        this.#around.deadLetter(this.id, message, error(), attempts);
      }
    }
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
  if (lineageOf(message) === undefined) return message;
  return copyMessage(message, { ...envelopeOf(message), lineage: undefined });
}

/** What a kernel threw, without the wrapping that core gave it. */
function original(error: AnyRinglineError): unknown {
  return error.code === "KERNEL_FAILED" && error.cause !== undefined ? error.cause : error;
}

/** True when `end` settled first. */
async function settlesBefore(end: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let cancel = () => {};
  const over = new Promise<false>((resolve) => {
    cancel = onAbort(signal, () => resolve(false));
  });
  const settled = await Promise.race([end.then(() => true), over]);
  cancel();
  return settled;
}
