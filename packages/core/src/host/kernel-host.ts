import { asRinglineError } from "../errors/as-ringline-error.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { AcceptedTypes } from "../messages/accepted-types.js";
import { type AnyMessage, causeOf, idOf, lineageOf } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import type { Holder } from "../messages/in-hand.js";
import { failAsker, type Lineage } from "../messages/lineage.js";
import { type Reader, Receivers } from "../ports/receivers.js";
import { WaitList } from "../ports/wait-list.js";
import type { Exit, Incarnation, IncarnationStats, UnitSpec } from "../seam/incarnation.js";
import type { Inlet } from "../seam/port.js";
import type { Reports, Routes } from "../seam/routes.js";
import { Histogram } from "../telemetry/histogram.js";
import { NO_LATENCY, SAMPLE_EVERY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { KernelWait } from "../time/limit-wait.js";
import { turn } from "../time/turn.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { FreshInlet } from "./fresh-inlet.js";
import { Outbox } from "./outbox.js";

const DONE = Promise.resolve();

/** Milliseconds that an output waits before the kernel counts as stalled. */
const STALLED_AFTER = 1000;

/**
 * Runs one incarnation: what the context and both kinds of body share. It owns sending, settling, the flags, and the
 * end; the drivers own the loop.
 *
 * What runs for each message holds no closure: a function with one in it pays for it even when it makes none.
 */
export class KernelHost implements Incarnation, Reader, Holder {
  readonly kernel: KernelDefinition;
  readonly id: string;
  readonly routes: Routes;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly inlet: Inlet;
  readonly receivers: Receivers;
  readonly exited: Promise<Exit>;
  isActive: boolean;
  /** Asked to end; the body may still send. */
  isEnding = false;
  /** Ended or abandoned: nothing the body still does has an effect. */
  isOver = false;
  /** Which attempt at the message in hand this is. */
  attempt = 1;
  /** What the body works on: the cause of what it sends. */
  inHand: AnyMessage | undefined;
  /** With `effects: "commit"`: what leaves when the input in hand settles. */
  readonly outbox: Outbox | undefined;
  /** Called once when the kernel is asked to end. */
  onEnding: (() => void) | undefined;
  readonly #output: AcceptedTypes;
  /** With `ack: "auto"` the next receive settles what was received before: one message, or a batch of them. */
  readonly #settlesOnReceive: boolean;
  /** What was received in a batch before the message in hand. */
  readonly #batch: AnyMessage[] = [];
  readonly #activeWaits: WaitList<undefined, void>;
  readonly #controller = new AbortController();
  readonly #processing: Histogram | undefined;
  #exit!: (exit: Exit) => void;
  #sent = 0;
  #errors = 0;
  #taken = 0;
  /** The count at which a message is timed next. */
  #nextTimed: number;
  /** The message whose time in hand is measured, and since when. */
  #timed: AnyMessage | undefined;
  #timedSince = 0;

  constructor({ kernel, input, routes, reports, clock, telemetry, isActive }: UnitSpec) {
    this.kernel = kernel;
    this.isActive = isActive;
    this.id = kernel.id;
    this.routes = routes;
    this.reports = reports;
    this.clock = clock;
    this.inlet = new FreshInlet(input.inlet, kernel.id, reports, clock);
    this.receivers = new Receivers(this.inlet, clock, kernel.id, this);
    this.#settlesOnReceive = kernel.run !== undefined && kernel.ack === "auto";
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    this.outbox = kernel.supervise.effects === "commit" ? new Outbox() : undefined;
    this.#output = new AcceptedTypes(kernel.output, kernel.id);
    this.#activeWaits = new WaitList(clock, kernel.id);
    this.#processing = telemetry && new Histogram();
    this.#nextTimed = telemetry === undefined ? Number.POSITIVE_INFINITY : 1;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async setActive(active: boolean): Promise<void> {
    this.isActive = active;
    if (!active) return;
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
    this.isOver = true;
    this.#release();
    this.#exit(exit);
  }

  /** Lets go of everything that the body waits for. */
  #release(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.receivers.shut(() => this.ended("receive"));
    this.#activeWaits.rejectAll(() => this.ended("waitActive"));
    this.#controller.abort(this.ended("the kernel"));
    this.onEnding?.();
  }

  async stats(): Promise<IncarnationStats> {
    return {
      sent: this.#sent,
      errors: this.#errors,
      attempts: this.attempt,
      processing: this.#processing?.latency() ?? NO_LATENCY,
    };
  }

  ended(operation: string): AnyRinglineError {
    return new errors.TERMINATED({ operation }, { kernelId: this.id });
  }

  waitActive(wait: WaitOptions | undefined): Promise<void> {
    try {
      if (wait !== undefined) checkWait(wait, "waitActive", this.id);
      if (this.isEnding) throw this.ended("waitActive");
      if (this.isActive) return this.breath;
      if (wait?.timeout === 0) throw new errors.TIMEOUT({ operation: "waitActive", timeout: 0 }, { kernelId: this.id });
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#activeWaits.wait(undefined, wait, "waitActive");
  }

  /** A delivered message is now in hand. */
  begin(message: AnyMessage): void {
    this.inHand = message;
    if (++this.#taken === this.#nextTimed) this.#time(message);
  }

  #time(message: AnyMessage): void {
    this.#nextTimed += SAMPLE_EVERY;
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

  /** A message is done. False when it was not in hand. */
  finish(message: AnyMessage): boolean {
    if (this.isOver || !this.inlet.settle(message, "done")) return false;
    if (this.inHand === message) this.inHand = undefined;
    if (this.#timed === message) {
      this.#timed = undefined;
      this.#processing?.record(this.clock.now() - this.#timedSince);
    }
    const lineage = lineageOf(message);
    if (lineage !== undefined) this.#unanswered(message, lineage);
    return true;
  }

  #unanswered(message: AnyMessage, lineage: Lineage): void {
    const place = { kernelId: this.id, messageId: message.messageId };
    failAsker(lineage, this.id, () => new errors.NO_REPLY({ consumedBy: this.id }, place));
  }

  /** The error behind what a body threw, counted and reported. */
  failed(thrown: unknown, message: AnyMessage | undefined): AnyRinglineError {
    const error = asRinglineError(thrown, { kernelId: this.id, messageId: message?.messageId });
    this.#errors++;
    this.reports.error(error, message);
    return error;
  }

  /** Sends an output. Undefined when it was accepted at once, so that a ready port costs no promise. */
  emit(output: unknown, wait?: WaitOptions): Promise<void> | undefined {
    if (this.isOver) throw this.ended("send");
    if (wait !== undefined) checkWait(wait, "send", this.id);
    const message = this.caused(this.#output.check(output));
    return this.keepsEffects ? this.#emitOnCommit(message, wait) : this.#deliver(message, wait);
  }

  /** True while outputs wait for the message in hand to settle. */
  get keepsEffects(): boolean {
    return this.outbox !== undefined && this.inHand !== undefined;
  }

  #emitOnCommit(message: AnyMessage, wait: WaitOptions | undefined): undefined {
    this.outbox?.add(message, (held) => this.#deliver(held, wait));
  }

  #deliver(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> | undefined {
    if (this.isOver) throw this.ended("send");
    const lineage = lineageOf(message);
    if (lineage !== undefined && this.#answers(lineage, message)) {
      this.#sent++;
      return undefined;
    }
    if (this.routes.output.tryPush(message)) {
      this.#sent++;
      return undefined;
    }
    return this.#emitLater(message, wait);
  }

  async #emitLater(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    const unwatch = this.clock.after(STALLED_AFTER, () => this.reports.stalled());
    try {
      await this.routes.output.push(message, this.whileRunning(wait));
      this.#sent++;
      if (turn.spend()) await turn.next();
    } finally {
      unwatch();
    }
  }

  /** A wait that ends with the kernel: whoever is asked to end does not wait for others that may never come. */
  whileRunning(wait: WaitOptions | undefined): KernelWait {
    return { ...wait, ending: this.signal };
  }

  /** The message with the one in hand as its cause, where it names no other. */
  caused(message: AnyMessage): AnyMessage {
    const cause = this.inHand;
    if (cause === undefined || cause === message) return message;
    if (causeOf(message) !== null) return message; // what it answers decides alone
    return copyMessage(message, { ...envelopeOf(message), cause: idOf(cause), lineage: lineageOf(cause) });
  }

  #answers({ asker }: Lineage, message: AnyMessage): boolean {
    if (asker.asked !== this.id) return false;
    const outcome = asker.answer(message);
    if (outcome === "late") {
      const place = { kernelId: this.id, messageId: message.messageId };
      this.reports.deadLetter(message, new errors.LATE_REPLY({ asker: asker.name }, place), 0);
    }
    return outcome !== "further";
  }

  /** Counts a piece of work; resolves at once, or after the event loop had its turn. */
  get breath(): Promise<void> {
    return turn.spend() ? turn.next() : DONE;
  }
}
