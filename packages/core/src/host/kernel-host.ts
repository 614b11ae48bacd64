import { hasBuffers, own } from "../buffers/references.js";
import type { SharedBuffer } from "../buffers/shared-buffer.js";
import { asRinglineError } from "../errors/as-ringline-error.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { AcceptedTypes } from "../messages/accepted-types.js";
import { type AnyMessage, causeOf, expiryOf, idOf, lineageOf, raritiesOf, withCause } from "../messages/any-message.js";
import type { Parent } from "../messages/ask.js";
import { DerivedId } from "../messages/derived-id.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import type { Holder } from "../messages/in-hand.js";
import { failAsker, type Lineage } from "../messages/lineage.js";
import { type MessageId, messageIdText } from "../messages/message-id.js";
import { type Reader, Receivers } from "../ports/receivers.js";
import { WaitList } from "../ports/wait-list.js";
import type { Exit, Incarnation, IncarnationStats, Published, StageSeat, UnitSpec, Wait } from "../seam/incarnation.js";
import type { Inlet } from "../seam/port.js";
import type { Reports, Routes } from "../seam/routes.js";
import { Histogram } from "../telemetry/histogram.js";
import { type DeviceTelemetry, NO_LATENCY, SAMPLE_EVERY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import { Ending } from "../time/ending.js";
import type { KernelWait } from "../time/limit-wait.js";
import { turn } from "../time/turn.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { FreshInlet } from "./fresh-inlet.js";
import { Outbox } from "./outbox.js";
import { OutputIds } from "./output-ids.js";
import { PacedInlet } from "./paced-inlet.js";
import { SavedState } from "./saved-state.js";
import { StallWatch } from "./stall-watch.js";
import { Waits } from "./waits.js";

const DONE = Promise.resolve();

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
  readonly seat: StageSeat | undefined;
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
  /** What runs when a flush passes. */
  readonly flushers: (() => void | Promise<void>)[] = [];
  readonly state: SavedState;
  /** What others keep it waiting for, but for its output. */
  readonly waits = new Waits();
  /** Where what is in hand at a crash is tried again: the ids of what it causes. */
  readonly ids: OutputIds | undefined;
  /** Called once when the kernel is asked to end. */
  onEnding: (() => void) | undefined;
  /** What a device has done for it. */
  deviceStats: (() => DeviceTelemetry) | undefined;
  /** Where what is in hand at a crash is tried again and outputs are committed. */
  readonly #published: Published | undefined;
  readonly #output: AcceptedTypes;
  /** With `ack: "auto"` the next receive settles what was received before: one message, or a batch of them. */
  readonly #settlesOnReceive: boolean;
  /** What was received in a batch before the message in hand. */
  readonly #batch: AnyMessage[] = [];
  readonly #paced: PacedInlet | undefined;
  readonly #activeWaits: WaitList<undefined, void>;
  readonly #controller = new AbortController();
  readonly #untilEnd: { readonly ending: Ending };
  readonly #stalls: StallWatch;
  readonly #processing: Histogram | undefined;
  #exit!: (exit: Exit) => void;
  #sent = 0;
  #errors = 0;
  #taken = 0;
  /** The count at which a message is timed next; -1 for never. */
  #nextTimed: number;
  /** The message whose time in hand is measured, and since when. */
  #timed: AnyMessage | undefined;
  #timedSince = 0;

  constructor(unit: UnitSpec) {
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
    this.#paced = rate === Number.POSITIVE_INFINITY ? undefined : new PacedInlet(fresh, rate, clock);
    this.inlet = this.#paced ?? fresh;
    this.receivers = new Receivers(this.inlet, clock, kernel.id, this);
    this.#settlesOnReceive = kernel.run !== undefined && kernel.ack === "auto";
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    this.state = new SavedState(kernel, restored, reports);
    this.outbox = kernel.supervise.effects === "commit" ? new Outbox() : undefined;
    this.ids = kernel.supervise.onCrash === "retry" ? new OutputIds(kernel.id) : undefined;
    this.#published = this.outbox !== undefined && this.ids !== undefined ? unit.published : undefined;
    this.#output = new AcceptedTypes(kernel.output, kernel.id);
    this.#activeWaits = new WaitList(clock, kernel.id);
    this.#untilEnd = { ending: new Ending(kernel.id) };
    this.#stalls = new StallWatch(clock, () => reports.stalled());
    this.#processing = telemetry && new Histogram();
    this.#nextTimed = telemetry === undefined ? -1 : 1;
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
    if (!this.isOver && this.outbox !== undefined) this.#endOutbox(this.outbox, exit);
    this.isOver = true;
    this.#release();
    this.#stalls.stop();
    this.#exit(exit);
  }

  /** Where a commit broke off: what it has sent is not sent by another try; where there is none, inputs that have sent all are done. */
  #endOutbox(outbox: Outbox, { kind }: Exit): void {
    const published = this.#published;
    const isTriedAgain = kind === "failed" && this.ids !== undefined;
    outbox.end((sent) => {
      if (published !== undefined && isDerived(sent)) {
        published.add(messageIdText(causeOf(sent) as MessageId), sent.messageId);
      }
      if (!isTriedAgain) this.#settleCause(sent, outbox);
    });
  }

  #settleCause({ correlationId }: AnyMessage, outbox: Outbox): void {
    const cause = this.#held().find(({ messageId }) => messageId === correlationId);
    if (cause === undefined || outbox.hasMoreOf(cause) || !this.inlet.settle(cause, "done")) return;
    if (raritiesOf(cause) !== undefined) this.#settled(cause);
  }

  /** Lets go of everything that the body waits for. */
  #release(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.receivers.shut(() => this.ended("receive"));
    this.#activeWaits.rejectAll(() => this.ended("waitActive"));
    this.#paced?.close();
    this.#untilEnd.ending.end();
    this.#controller.abort(this.ended("the kernel"));
    this.onEnding?.();
  }

  async stats(): Promise<IncarnationStats> {
    return {
      sent: this.#sent,
      errors: this.#errors,
      attempts: this.attempt,
      processing: this.#processing?.latency() ?? NO_LATENCY,
      waits: this.isOver ? [] : this.#allWaits(),
      device: this.deviceStats?.(),
    };
  }

  #allWaits(): Wait[] {
    const isFree = this.kernel.run === undefined ? this.inHand === undefined : this.receivers.size > 0;
    const own = { input: isFree ? 1 : 0, room: this.#stalls.waiting, activation: this.#activeWaits.size } as const;
    const waits = Object.entries(own).map(([kind, count]) => ({ for: kind as Wait["for"], kernelId: null, count }));
    return [...waits.filter(({ count }) => count > 0), ...this.waits.list()];
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

  /** It is no longer the cause of what the body sends. */
  letGo(message: AnyMessage): void {
    if (this.inHand === message) this.inHand = undefined;
    if (this.#timed === message) this.#timed = undefined;
  }

  /** A message is done. False when it was not in hand. */
  finish(message: AnyMessage): boolean {
    if (this.isOver || !this.inlet.settle(message, "done")) return false;
    if (this.#timed === message) this.#processing?.record(this.clock.now() - this.#timedSince);
    this.letGo(message);
    if (raritiesOf(message) !== undefined) this.#settled(message);
    if (this.outbox !== undefined) this.#committed(message, this.outbox);
    return true;
  }

  #committed(message: AnyMessage, outbox: Outbox): void {
    outbox.settled();
    this.state.settled();
    if (this.#published?.isEmpty === false) this.#published.forget(message.messageId);
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
    this.reports.error(error, message);
    return error;
  }

  /** Sends what stands in the place of a result: it is none of the kernel's own outputs. */
  emitInstead(message: AnyMessage): Promise<void> | undefined {
    return this.#deliver(message, undefined, false);
  }

  async flush(): Promise<void> {
    for (const emit of this.flushers) await emit();
  }

  /** Sends an output. Undefined when it was accepted at once, so that a ready port costs no promise. */
  emit(output: unknown, wait?: WaitOptions): Promise<void> | undefined {
    if (this.isOver) throw this.ended("send");
    if (wait !== undefined) checkWait(wait, "send", this.id);
    const caused = this.caused(this.#output.check(output));
    const message = this.ids === undefined ? caused : this.named(caused);
    return this.keepsEffects ? this.#emitOnCommit(message, wait) : this.#deliver(message, wait, false);
  }

  /** True while outputs wait for the message in hand to settle. */
  get keepsEffects(): boolean {
    return this.outbox !== undefined && this.inHand !== undefined;
  }

  #emitOnCommit(message: AnyMessage, wait: WaitOptions | undefined): undefined {
    this.keep(message, (held) => this.#deliver(held, wait, true));
  }

  /** Lets a message wait for the one in hand to settle, unless it left when a crash broke off the commit of an earlier try. */
  keep(message: AnyMessage, deliver: (message: AnyMessage) => Promise<void> | undefined): void {
    const published = this.#published;
    if (published?.isEmpty === false && isDerived(message)) {
      if (published.has(messageIdText(causeOf(message) as MessageId), message.messageId)) return;
    }
    this.outbox?.add(message, deliver);
  }

  /** `isKept`: from the outbox, which lets the event loop have its turn itself. */
  #deliver(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> | undefined {
    if (this.isOver) throw this.ended("send");
    return hasBuffers ? this.#passBuffers(message, wait, isKept) : this.#pass(message, wait, isKept);
  }

  /** What goes on takes references with it; those of the message in hand go when that is settled. */
  #passBuffers(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> | undefined {
    const added = own(message);
    try {
      const later = this.#pass(message, wait, isKept);
      return later === undefined || added.length === 0 ? later : orRelease(later, added);
    } catch (error) {
      for (const buffer of added) buffer.release();
      throw error;
    }
  }

  #pass(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> | undefined {
    if (raritiesOf(message) !== undefined && this.#answers(message)) {
      this.#sent++;
      return undefined;
    }
    if (this.routes.output.tryPush(message)) {
      this.#sent++;
      return undefined;
    }
    return this.#emitLater(message, wait, isKept);
  }

  async #emitLater(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> {
    this.#stalls.begin();
    try {
      await this.routes.output.push(message, this.whileRunning(wait));
    } finally {
      this.#stalls.end();
    }
    this.#sent++;
    if (!isKept && turn.spend()) await turn.next();
  }

  /** Undefined when the state is kept at once, or waits for the message in hand to settle. */
  checkpoint(value: unknown): Promise<void> | undefined {
    if (this.isOver) throw this.ended("checkpoint");
    const state = this.state.copyOf(value);
    if (!this.keepsEffects) return this.state.save(state, []);
    this.outbox?.saveLast(() => this.state.save(state, this.#held()));
    return undefined;
  }

  #held(): readonly AnyMessage[] {
    return this.inHand === undefined ? this.#batch : [...this.#batch, this.inHand];
  }

  /** A wait that ends with the kernel: whoever is asked to end does not wait for others that may never come. */
  whileRunning(wait: WaitOptions | undefined): KernelWait {
    return wait === undefined ? this.#untilEnd : { ...wait, ending: this.#untilEnd.ending };
  }

  /** The message with the one in hand as its cause, where it names no other; from the same input of a flow. */
  caused(message: AnyMessage): AnyMessage {
    const cause = this.inHand;
    if (cause === undefined || cause === message) return message;
    const rarities = raritiesOf(cause);
    const own = raritiesOf(message);
    if (causeOf(message) !== null) {
      return own === rarities || rarities?.lineage?.origin === undefined ? message : inFlowOf(cause, message);
    }
    return withCause(
      message,
      idOf(cause),
      own === undefined ? rarities : { expiresAt: own.expiresAt, lineage: rarities?.lineage },
    );
  }

  /** The message under the id that it would have at any other try. */
  named(message: AnyMessage): AnyMessage {
    return this.ids === undefined ? message : this.ids.named(message, this.#held(), this.#taken);
  }

  /** In whose name a request is made with this message, which was caused by what is in hand. */
  parentOf(message: AnyMessage): Parent {
    const cause = this.inHand;
    const lineage = lineageOf(message);
    if (cause !== undefined && (message === cause || causeOf(message) === idOf(cause))) {
      return { lineage, expiresAt: expiryOf(cause) };
    }
    return { lineage, expiresAt: causeOf(message) === null ? Number.POSITIVE_INFINITY : expiryOf(message) };
  }

  #answers(message: AnyMessage): boolean {
    const asker = lineageOf(message)?.asker;
    if (asker?.asked !== this.id) return false;
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

async function orRelease(passed: Promise<void>, buffers: readonly SharedBuffer[]): Promise<void> {
  try {
    await passed;
  } catch (error) {
    for (const buffer of buffers) buffer.release();
    throw error;
  }
}

/** What a message answers decides alone who is answered; where that belongs to no input of a flow, it comes from this one. */
function inFlowOf(cause: AnyMessage, message: AnyMessage): AnyMessage {
  const lineage = lineageOf(message);
  if (lineage?.origin !== undefined) return message;
  const origin = lineageOf(cause)?.origin;
  return copyMessage(message, { ...envelopeOf(message), lineage: { asker: lineage?.asker, origin } });
}

/** True for an output whose id is the same at each try; its cause was in hand. */
function isDerived(message: AnyMessage): boolean {
  return idOf(message) instanceof DerivedId && causeOf(message) !== null;
}
