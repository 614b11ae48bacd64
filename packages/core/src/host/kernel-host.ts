import { type AnyRinglineError, asRinglineError, errors } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, fixPriority, lineageOf, optionalHeadersOf } from "../messages/any-message.js";
import type { MessageProcessor } from "../messages/current-message.js";
import { failRequester, type Lineage } from "../messages/lineage.js";
import { type DeliveryObserver, Receivers } from "../ports/receivers.js";
import { WaitList } from "../ports/wait-list.js";
import type {
  Exit,
  Incarnation,
  IncarnationStats,
  StageAssignment,
  StopMode,
  UnitSpec,
  Wait,
} from "../seam/incarnation.js";
import type { Inlet } from "../seam/port.js";
import type { Reports, Routes } from "../seam/routes.js";
import { Histogram } from "../telemetry/measures.js";
import { type MessageTracer, messageTracer, Spans } from "../telemetry/spans.js";
import { type DeviceTelemetry, NO_LATENCY, SAMPLE_EVERY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import { LazyController } from "../time/on-abort.js";
import { turn } from "../time/turn.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { HostedState, type KeyedValues } from "./hosted-state.js";
import type { Outbox } from "./outbox.js";
import { type CopyState, SavedState } from "./saved-state.js";
import { ERRORS, type HostCounts, SENT, type Sender, Sending } from "./sending.js";
import { type Fire, Timers } from "./timers.js";
import { Waits } from "./waits.js";
import { ExpiryInlet, type RateLimitedInlet, rateLimited } from "./wrapping-inlets.js";

const DONE = Promise.resolve();

/**
 * Runs one incarnation: the state that the context and both kinds of body share. The host owns the messages in flight,
 * the flags and the end; the drivers own the loop.
 *
 * Methods on the path of each message hold no closure: a function that contains one pays for it even if it creates
 * none.
 */
export class KernelHost implements Incarnation, DeliveryObserver, MessageProcessor, Sender {
  readonly kernel: KernelDefinition;
  readonly id: string;
  readonly routes: Routes;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly inlet: Inlet;
  readonly receivers: Receivers;
  readonly assignment: StageAssignment | undefined;
  readonly exited: Promise<Exit>;
  isActive: boolean;
  /** True once the kernel is told to end; the body may still send. */
  isEnding = false;
  /** True once the incarnation has ended or is abandoned: nothing that the body still does has an effect. */
  isOver = false;
  /** Number of the attempt at the current message. */
  attempt = 1;
  /** The current message of the body: the cause of what it sends. */
  currentMessage: AnyMessage | undefined;
  /** The highest priority in the batch of the current message; 0 if it was received alone. */
  highest = 0;
  /** Callbacks of `ctx.onFlush`. */
  readonly flushers: (() => void | Promise<void>)[] = [];
  readonly sending: Sending;
  readonly state: SavedState;
  /** The state by key, of a kernel that has one. */
  readonly stateByKey: HostedState | undefined;
  /** Number of delivered messages. */
  deliveries = 0;
  /** Waits of the body for other kernels, except for its output. */
  readonly waits: Waits;
  /** Spans of the messages in flight, if messages are traced. */
  spans: Spans | undefined;
  /** Wakes the driver of a `handle` body, if it is idle. */
  wake: (() => void) | undefined;
  /** Timers of a `handle` body that are called while the kernel is active. */
  #timers: Timers | undefined;
  /** Called once when the kernel is told to end. */
  onEnding: (() => void) | undefined;
  /** Counts of the work that a device has done for the kernel. */
  deviceStats: (() => DeviceTelemetry) | undefined;
  /** True for a `run` body with `ack: "auto"`: the next receive settles the messages received before. */
  readonly #settlesOnReceive: boolean;
  /** Messages of a batch that were received before the current message. */
  readonly #batch: AnyMessage[] = [];
  readonly #rateLimited: RateLimitedInlet | undefined;
  readonly #activeWaits: WaitList<undefined, void>;
  readonly #controller = new LazyController();
  readonly #processing: Histogram | undefined;
  readonly counts: HostCounts;
  #exit!: (exit: Exit) => void;
  /** The delivery count at which a message is timed next; -1 for never. */
  #nextTimed: number;
  /** The message whose processing time is measured, from `#timedSince` on. */
  #timed: AnyMessage | undefined;
  #timedSince = 0;

  constructor(unit: UnitSpec, copyState?: CopyState, inlet = unit.input.inlet) {
    const { kernel, routes, reports, restored, clock, telemetry, assignment, isActive } = unit;
    this.kernel = kernel;
    this.isActive = isActive;
    this.id = kernel.id;
    this.routes = routes;
    this.reports = reports;
    this.clock = clock;
    this.assignment = assignment;
    this.counts = (unit.counts as unknown as HostCounts | undefined) ?? [0, 0];
    const fresh = new ExpiryInlet(inlet, { kernelId: kernel.id, stage: assignment?.name }, reports, clock);
    this.#rateLimited = rateLimited(fresh, unit);
    this.inlet = this.#rateLimited ?? fresh;
    this.receivers = new Receivers(this.inlet, clock, kernel.id, this);
    this.#settlesOnReceive = kernel.run !== undefined && kernel.ack === "auto";
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    const { keyed } = kernel;
    this.state = new SavedState(kernel, keyed === undefined ? restored : undefined, reports, copyState);
    this.sending = new Sending(this, unit.published);
    if (keyed !== undefined) this.stateByKey = this.#newState(keyed.initial, restored as KeyedValues | undefined);
    this.waits = new Waits(clock, (peer) => reports.stalled(peer));
    this.#activeWaits = new WaitList(clock, kernel.id);
    this.#processing = telemetry && (unit.processing ?? new Histogram());
    this.#nextTimed = telemetry === undefined ? -1 : 1;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async setActive(active: boolean): Promise<void> {
    this.isActive = active;
    if (!active) return;
    this.#endActiveWaits();
    if (this.#timers !== undefined) this.wake?.();
  }

  /** Timers to be called now; undefined while the kernel is not active. */
  get timers(): Timers | undefined {
    return this.isActive ? this.#timers : undefined;
  }

  /** Sets a timer. Throws `INVALID_ARGUMENT` in a `run` body, which waits by itself. */
  setTimer(delay: number, fire: Fire, key: unknown): () => void {
    if (this.isEnding) throw this.ended("timer");
    this.#checkAlone("timer");
    if (this.wake === undefined) {
      throw this.#wrong("timer", "in a run body", "A `run` body waits by itself: receive with a `timeout`.");
    }
    if (!(delay >= 0)) throw this.#wrong("delay", delay, "`delay` is a number of milliseconds, 0 or more.");
    if (typeof fire !== "function") throw this.#wrong("fire", fire, "Pass a function.");
    this.#timers ??= new Timers(this.clock, this.wake);
    return this.#timers.set(delay, fire, key);
  }

  /** Throws `INVALID_ARGUMENT` for what a kernel needs that processes one message after the other. */
  #checkAlone(operation: string): void {
    const { concurrency = 1 } = this.kernel;
    if (concurrency === 1) return;
    const remedy = "Leave `concurrency` out: there is no moment between two messages if several are in progress.";
    throw this.#wrong(operation, `with concurrency ${concurrency}`, remedy);
  }

  #wrong(argument: string, value: unknown, remedy: string): AnyRinglineError {
    return new errors.INVALID_ARGUMENT({ argument, value }, { kernelId: this.id, remedy });
  }

  #endActiveWaits(): void {
    for (let waiting = this.#activeWaits.shift(); waiting !== undefined; waiting = this.#activeWaits.shift()) {
      waiting.resolve();
    }
  }

  async stop(mode: StopMode): Promise<void> {
    this.#close();
    if (mode !== "finish") this.#release();
    if (mode === "abandon") this.end({ kind: "stopped" });
  }

  /** Ends the incarnation. Only the first call counts. */
  end(exit: Exit): void {
    if (!this.isOver) {
      this.sending.end(exit);
      this.waits.stop();
      this.spans?.endAll();
    }
    this.isOver = true;
    this.#close();
    this.#release();
    this.#exit(exit);
  }

  /** Ends delivery: the body receives nothing more. */
  #close(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.receivers.stop(() => this.ended("receive"));
    this.#endActiveWaits(); // waits resolve, so that a loop ends by its condition and the code after it runs
    this.#rateLimited?.close();
    this.#timers?.stop();
    this.onEnding?.();
  }

  /** Ends all other waits of the body. */
  #release(): void {
    if (this.#controller.aborted) return;
    this.sending.release();
    this.#controller.abort(() => this.ended("the kernel"));
  }

  async stats(): Promise<IncarnationStats> {
    return {
      sent: this.counts[SENT],
      answers: this.sending.answers,
      errors: this.counts[ERRORS],
      attempts: this.attempt,
      processing: this.#processing?.latency() ?? NO_LATENCY,
      waits: this.isOver ? [] : this.#allWaits(),
      device: this.deviceStats?.(),
    };
  }

  #allWaits(): Wait[] {
    const isFree = this.kernel.run === undefined ? this.currentMessage === undefined : this.receivers.size > 0;
    const own = {
      input: isFree ? 1 : 0,
      room: this.sending.waiting,
      activation: this.#activeWaits.size,
      timer: this.#timers?.size ?? 0,
    } as const;
    const waits = Object.entries(own).map(([kind, count]) => ({ for: kind as Wait["for"], kernelId: null, count }));
    return [...waits.filter(({ count }) => count > 0), ...this.waits.list()];
  }

  ended(operation: string): AnyRinglineError {
    return new errors.TERMINATED({ operation }, { kernelId: this.id });
  }

  waitActive(wait: WaitOptions | undefined): Promise<void> {
    try {
      if (wait !== undefined) checkWait(wait, "waitActive", this.id);
      if (this.isOver) throw this.ended("waitActive");
      if (this.isActive || this.isEnding) return this.yieldPoint;
      if (wait?.timeout === 0) throw new errors.TIMEOUT({ operation: "waitActive", timeout: 0 }, { kernelId: this.id });
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#activeWaits.wait(undefined, wait, "waitActive");
  }

  /** Records that a delivered message is in flight. */
  begin(message: AnyMessage): void {
    this.currentMessage = message;
    this.highest = 0;
    fixPriority(message);
    if (messageTracer !== undefined) this.#follow(message, messageTracer);
    if (++this.deliveries === this.#nextTimed) this.#time(message);
  }

  #follow(message: AnyMessage, tracer: MessageTracer): void {
    this.spans ??= new Spans(this.id, this.assignment?.name);
    this.spans.begin(message, tracer);
  }

  #time(message: AnyMessage): void {
    this.#nextTimed += SAMPLE_EVERY;
    if (this.#timed !== undefined) return; // with batches several are in flight
    this.#timed = message;
    this.#timedSince = this.clock.now();
  }

  received(message: AnyMessage): void {
    if (this.#settlesOnReceive && this.currentMessage !== undefined) this.#batch.push(this.currentMessage);
    this.begin(message);
  }

  /** Settles the messages received before, as the next receive and the end of a `run` body do. */
  settleReceived(): void {
    const last = this.currentMessage;
    if (!this.#settlesOnReceive || last === undefined) return;
    if (this.#batch.length > 0) for (const message of this.#batch.splice(0)) this.finish(message);
    this.finish(last);
  }

  /** Ends the message's role as the cause of what the body sends. */
  clearCause(message: AnyMessage): void {
    if (this.currentMessage === message) this.currentMessage = undefined;
    if (this.#timed === message) this.#timed = undefined;
  }

  /** Settles a message as done. Returns false if it was not in flight. */
  finish(message: AnyMessage): boolean {
    if (this.isOver || !this.inlet.settle(message, "done")) return false;
    if (this.#timed === message) this.#processing?.record(this.clock.now() - this.#timedSince);
    this.clearCause(message);
    if (this.spans !== undefined) this.spans.end(message, "done");
    if (optionalHeadersOf(message) !== undefined) this.#settled(message);
    if (this.sending.outbox !== undefined) this.#committed(message, this.sending.outbox);
    return true;
  }

  #committed(message: AnyMessage, outbox: Outbox): void {
    this.sending.settled(message, outbox);
    this.state.settled();
    this.stateByKey?.settled();
  }

  /** Settles a message whose outputs are all sent, if the incarnation ends before `finish`. */
  settleSent(message: AnyMessage): void {
    if (this.inlet.settle(message, "done") && optionalHeadersOf(message) !== undefined) this.#settled(message);
  }

  #settled(message: AnyMessage): void {
    const lineage = lineageOf(message);
    if (this.assignment !== undefined) lineage?.origin?.leave(this.assignment.node);
    if (lineage?.requester !== undefined) this.#unanswered(message, lineage);
  }

  #unanswered(message: AnyMessage, lineage: Lineage): void {
    const place = { kernelId: this.id, messageId: message.messageId };
    failRequester(lineage, this.id, () => new errors.NO_REPLY({ consumedBy: this.id }, place));
  }

  /** Converts what a body threw to an error, counts it and reports it. */
  failed(thrown: unknown, message: AnyMessage | undefined): AnyRinglineError {
    const error = asRinglineError(thrown, {
      kernelId: this.id,
      stage: this.assignment?.name,
      messageId: message?.messageId,
    });
    this.counts[ERRORS]++;
    this.spans?.failed(message, error);
    this.reports.error(error, message);
    return error;
  }

  async flush(): Promise<void> {
    for (const emit of this.flushers) await emit();
  }

  #newState(initial: () => unknown, values: KeyedValues | undefined): HostedState {
    const { outbox } = this.sending;
    const save = () => this.state.save(state.changes, this.inFlight());
    const state = new HostedState(initial, values, {
      kernelId: this.id,
      share: this.assignment?.share,
      check: () => {
        if (this.isOver) throw this.ended("state");
      },
      checked: (value) => this.state.copyOf(value),
      copyOf: (value) => this.state.copyOfPart(value),
      changed: () => {
        if (this.sending.commitsEffects) {
          outbox?.saveLast(save);
          return;
        }
        void this.state.save(state.changes, []);
        state.settled();
      },
    });
    if (outbox !== undefined) outbox.onDiscard = () => state.discard();
    return state;
  }

  /** Saves a state. Returns undefined if it is stored at once, or waits for the message in flight to settle. */
  checkpoint(value: unknown): Promise<void> | undefined {
    if (this.isOver) throw this.ended("checkpoint");
    this.#checkAlone("checkpoint");
    if (this.stateByKey !== undefined) {
      const remedy = "The kernel has a state by key, which is saved by itself: use `ctx.state.set`.";
      throw new errors.INVALID_ARGUMENT({ argument: "checkpoint", value }, { kernelId: this.id, remedy });
    }
    const state = this.state.copyOf(value);
    const { commitsEffects, outbox } = this.sending;
    if (!commitsEffects) return this.state.save(state, []);
    const save = () => this.state.save(state, this.inFlight());
    outbox?.saveLast(this.sending.marks ? () => after(this.sending.mark(true, state), save) : save);
    return undefined;
  }

  /** All messages in flight. */
  inFlight(): readonly AnyMessage[] {
    return this.currentMessage === undefined ? this.#batch : [...this.#batch, this.currentMessage];
  }

  /** Counts a piece of work; resolves at once, or after a turn of the event loop. */
  get yieldPoint(): Promise<void> {
    return turn.spend() ? turn.next() : DONE;
  }
}

/** Runs `second` after `first`; at once if `first` is undefined. */
function after(first: Promise<void> | undefined, second: () => Promise<void> | undefined): Promise<void> | undefined {
  return first === undefined ? second() : first.then(second);
}
