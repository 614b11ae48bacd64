import { type AnyRinglineError, asRinglineError, errors } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, fixPriority, lineageOf, raritiesOf } from "../messages/any-message.js";
import type { Holder } from "../messages/in-hand.js";
import { failAsker, type Lineage } from "../messages/lineage.js";
import { type Reader, Receivers } from "../ports/receivers.js";
import { WaitList } from "../ports/wait-list.js";
import type { Exit, Incarnation, IncarnationStats, StageSeat, UnitSpec, Wait } from "../seam/incarnation.js";
import type { Inlet } from "../seam/port.js";
import type { Reports, Routes } from "../seam/routes.js";
import { Histogram } from "../telemetry/histogram.js";
import { type HopTracer, hopTracer } from "../telemetry/hop-tracer.js";
import { Hops } from "../telemetry/hops.js";
import { type DeviceTelemetry, NO_LATENCY, SAMPLE_EVERY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import { turn } from "../time/turn.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { FreshInlet } from "./fresh-inlet.js";
import type { Outbox } from "./outbox.js";
import { PacedInlet } from "./paced-inlet.js";
import { type CopyState, SavedState } from "./saved-state.js";
import { type Sender, Sending } from "./sending.js";
import { Waits } from "./waits.js";

const DONE = Promise.resolve();

/**
 * Runs one incarnation: what the context and both kinds of body share. It owns what is in hand, the flags, and the end;
 * the drivers own the loop.
 *
 * What runs for each message holds no closure: a function with one in it pays for it even when it makes none.
 */
export class KernelHost implements Incarnation, Reader, Holder, Sender {
  readonly kernel: KernelDefinition;
  readonly id: string;
  readonly routes: Routes;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly inlet: Inlet;
  readonly receivers: Receivers;
  readonly seat: StageSeat | undefined;
  readonly exited: Promise<Exit>;
  isActive: boolean;
  /** Asked to end; the body may still send. */
  isEnding = false;
  /** Ended or abandoned: nothing the body still does has an effect. */
  isOver = false;
  /** Number of the attempt at the current message. */
  attempt = 1;
  /** The current message of the body: the cause of what it sends. */
  inHand: AnyMessage | undefined;
  /** The highest priority of the batch that was received with it; 0 where it came alone. */
  highest = 0;
  /** Callbacks of `ctx.onFlush`. */
  readonly flushers: (() => void | Promise<void>)[] = [];
  readonly sending: Sending;
  readonly state: SavedState;
  /** Messages that were delivered. */
  taken = 0;
  /** Waits of the body for other kernels, except for its output. */
  readonly waits = new Waits();
  /** Spans of the messages in flight, if messages are traced. */
  hops: Hops | undefined;
  /** Called once when the kernel is asked to end. */
  onEnding: (() => void) | undefined;
  /** Counts of the work that a device has done for the kernel. */
  deviceStats: (() => DeviceTelemetry) | undefined;
  /** With `ack: "auto"` the next receive settles what was received before: one message, or a batch of them. */
  readonly #settlesOnReceive: boolean;
  /** Messages of a batch that were received before the current message. */
  readonly #batch: AnyMessage[] = [];
  readonly #paced: PacedInlet | undefined;
  readonly #activeWaits: WaitList<undefined, void>;
  readonly #controller = new AbortController();
  readonly #processing: Histogram | undefined;
  #exit!: (exit: Exit) => void;
  #errors = 0;
  /** The count at which a message is timed next; -1 for never. */
  #nextTimed: number;
  /** The message whose time in hand is measured, and since when. */
  #timed: AnyMessage | undefined;
  #timedSince = 0;

  constructor(unit: UnitSpec, copyState?: CopyState) {
    const { kernel, input, routes, reports, restored, clock, telemetry, seat, isActive } = unit;
    this.kernel = kernel;
    this.isActive = isActive;
    this.id = kernel.id;
    this.routes = routes;
    this.reports = reports;
    this.clock = clock;
    this.seat = seat;
    const fresh = new FreshInlet(input.inlet, { kernelId: kernel.id, stage: seat?.name }, reports, clock);
    const rate = seat?.rate ?? Number.POSITIVE_INFINITY;
    this.#paced = rate === Number.POSITIVE_INFINITY ? undefined : new PacedInlet(fresh, rate, clock, isActive ? 0 : 1);
    this.inlet = this.#paced ?? fresh;
    this.receivers = new Receivers(this.inlet, clock, kernel.id, this);
    this.#settlesOnReceive = kernel.run !== undefined && kernel.ack === "auto";
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    this.state = new SavedState(kernel, restored, reports, copyState);
    this.sending = new Sending(this, unit.published);
    this.#activeWaits = new WaitList(clock, kernel.id);
    this.#processing = telemetry && (unit.processing ?? new Histogram());
    this.#nextTimed = telemetry === undefined ? -1 : 1;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async setActive(active: boolean): Promise<void> {
    this.isActive = active;
    if (active) this.#endActiveWaits();
  }

  #endActiveWaits(): void {
    for (let waiting = this.#activeWaits.shift(); waiting !== undefined; waiting = this.#activeWaits.shift()) {
      waiting.resolve();
    }
  }

  async stop(mode: "cooperative" | "abandon"): Promise<void> {
    this.#release();
    if (mode === "abandon") this.end({ kind: "stopped" });
  }

  /** Ends the incarnation. Only the first call counts. */
  end(exit: Exit): void {
    if (!this.isOver) {
      this.sending.end(exit);
      this.hops?.endAll();
    }
    this.isOver = true;
    this.#release();
    this.#exit(exit);
  }

  /** Lets go of everything that the body waits for. */
  #release(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.receivers.shut(() => this.ended("receive"));
    this.#endActiveWaits(); // a loop ends by its own condition, so that what stands behind it runs
    this.#paced?.close();
    this.sending.release();
    this.#controller.abort(this.ended("the kernel"));
    this.onEnding?.();
  }

  async stats(): Promise<IncarnationStats> {
    return {
      sent: this.sending.count,
      errors: this.#errors,
      attempts: this.attempt,
      processing: this.#processing?.latency() ?? NO_LATENCY,
      waits: this.isOver ? [] : this.#allWaits(),
      device: this.deviceStats?.(),
    };
  }

  #allWaits(): Wait[] {
    const isFree = this.kernel.run === undefined ? this.inHand === undefined : this.receivers.size > 0;
    const own = { input: isFree ? 1 : 0, room: this.sending.waiting, activation: this.#activeWaits.size } as const;
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
      if (this.isActive || this.isEnding) return this.breath;
      if (wait?.timeout === 0) throw new errors.TIMEOUT({ operation: "waitActive", timeout: 0 }, { kernelId: this.id });
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#activeWaits.wait(undefined, wait, "waitActive");
  }

  /** A delivered message is now in hand. */
  begin(message: AnyMessage): void {
    this.inHand = message;
    this.highest = 0;
    fixPriority(message);
    if (hopTracer !== undefined) this.#follow(message, hopTracer);
    if (++this.taken === this.#nextTimed) this.#time(message);
  }

  #follow(message: AnyMessage, tracer: HopTracer): void {
    this.hops ??= new Hops(this.id, this.seat?.name);
    this.hops.begin(message, tracer);
  }

  #time(message: AnyMessage): void {
    this.#nextTimed += SAMPLE_EVERY;
    if (this.#timed !== undefined) return; // of batches several are in hand
    this.#timed = message;
    this.#timedSince = this.clock.now();
  }

  received(message: AnyMessage): void {
    if (this.#settlesOnReceive && this.inHand !== undefined) this.#batch.push(this.inHand);
    this.begin(message);
  }

  /** Settles what was received before, as the next receive and the end of a `run` body do. */
  settleReceived(): void {
    const last = this.inHand;
    if (!this.#settlesOnReceive || last === undefined) return;
    if (this.#batch.length > 0) for (const message of this.#batch.splice(0)) this.finish(message);
    this.finish(last);
  }

  /** Ends the message's role as the cause of what the body sends. */
  letGo(message: AnyMessage): void {
    if (this.inHand === message) this.inHand = undefined;
    if (this.#timed === message) this.#timed = undefined;
  }

  /** A message is done. False when it was not in hand. */
  finish(message: AnyMessage): boolean {
    if (this.isOver || !this.inlet.settle(message, "done")) return false;
    if (this.#timed === message) this.#processing?.record(this.clock.now() - this.#timedSince);
    this.letGo(message);
    if (this.hops !== undefined) this.hops.end(message, "done");
    if (raritiesOf(message) !== undefined) this.#settled(message);
    if (this.sending.outbox !== undefined) this.#committed(message, this.sending.outbox);
    return true;
  }

  #committed(message: AnyMessage, outbox: Outbox): void {
    this.sending.settled(message, outbox);
    this.state.settled();
  }

  /** All that it caused has left, and the incarnation ends before it could be finished. */
  settleSent(message: AnyMessage): void {
    if (this.inlet.settle(message, "done") && raritiesOf(message) !== undefined) this.#settled(message);
  }

  #settled(message: AnyMessage): void {
    const lineage = lineageOf(message);
    if (this.seat !== undefined) lineage?.origin?.leave(this.seat.node);
    if (lineage?.asker !== undefined) this.#unanswered(message, lineage);
  }

  #unanswered(message: AnyMessage, lineage: Lineage): void {
    const place = { kernelId: this.id, messageId: message.messageId };
    failAsker(lineage, this.id, () => new errors.NO_REPLY({ consumedBy: this.id }, place));
  }

  /** The error behind what a body threw, counted and reported. */
  failed(thrown: unknown, message: AnyMessage | undefined): AnyRinglineError {
    const error = asRinglineError(thrown, { kernelId: this.id, stage: this.seat?.name, messageId: message?.messageId });
    this.#errors++;
    this.hops?.failed(message, error);
    this.reports.error(error, message);
    return error;
  }

  async flush(): Promise<void> {
    for (const emit of this.flushers) await emit();
  }

  /** Undefined when the state is kept at once, or waits for the message in hand to settle. */
  checkpoint(value: unknown): Promise<void> | undefined {
    if (this.isOver) throw this.ended("checkpoint");
    const state = this.state.copyOf(value);
    const { keepsEffects, outbox } = this.sending;
    if (!keepsEffects) return this.state.save(state, []);
    const save = () => this.state.save(state, this.held());
    outbox?.saveLast(this.sending.marks ? () => after(this.sending.mark(true, state), save) : save);
    return undefined;
  }

  /** All that is in hand. */
  held(): readonly AnyMessage[] {
    return this.inHand === undefined ? this.#batch : [...this.#batch, this.inHand];
  }

  /** Counts a piece of work; resolves at once, or after the event loop had its turn. */
  get breath(): Promise<void> {
    return turn.spend() ? turn.next() : DONE;
  }
}

/** Does the second once the first is done; at once where it is. */
function after(first: Promise<void> | undefined, second: () => Promise<void> | undefined): Promise<void> | undefined {
  return first === undefined ? second() : first.then(second);
}
