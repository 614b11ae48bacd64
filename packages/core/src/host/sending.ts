import { hasBuffers, isOnDevice, ownReferences, readBack } from "../buffers/references.js";
import { hasDevices, type SharedBuffer } from "../buffers/shared-buffer.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, causeOf, expiryOf, idOf, lineageOf, optionalHeadersOf } from "../messages/any-message.js";
import { causedBy } from "../messages/current-message.js";
import type { Requester } from "../messages/lineage.js";
import { DerivedId, type MessageId, messageIdText } from "../messages/message-id.js";
import { AcceptedTypes } from "../messages/message-type.js";
import type { RequestCause } from "../ports/request.js";
import type { Exit, Published, StageAssignment } from "../seam/incarnation.js";
import type { Reports, Routes } from "../seam/routes.js";
import type { Spans } from "../telemetry/spans.js";
import type { Clock } from "../time/clock.js";
import { turn } from "../time/turn.js";
import { checkWait, END_SIGNAL, EndSignal, type KernelWait, type WaitOptions } from "../time/wait-options.js";
import { StageFailure } from "../topologies/topology.js";
import { Outbox } from "./outbox.js";
import { OutputIds } from "./output-ids.js";
import { StateMark } from "./saved-state.js";
import { StallWatch } from "./waits.js";

/** The state of a body that its sends depend on: the current message, and the number of deliveries. */
export interface Sender {
  readonly id: string;
  readonly kernel: KernelDefinition;
  readonly assignment: StageAssignment | undefined;
  readonly routes: Routes;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly isOver: boolean;
  readonly currentMessage: AnyMessage | undefined;
  /** The highest priority in the batch of the current message; 0 if it was received alone. */
  readonly highest: number;
  readonly spans: Spans | undefined;
  /** Number of delivered messages. */
  readonly deliveries: number;
  /** All messages in flight. */
  inFlight(): readonly AnyMessage[];
  /** Settles a message whose outputs are all sent, if the incarnation ends before it is finished. */
  settleSent(message: AnyMessage): void;
  ended(operation: string): AnyRinglineError;
  readonly counts: HostCounts;
}

/** Counts of an incarnation: outputs accepted and errors. */
export type HostCounts = Record<typeof SENT | typeof ERRORS, number>;
export const SENT = 0;
export const ERRORS = 1;

/**
 * The send operations of a body, at once or when its input settles, and the causes of the messages.
 *
 * Methods on the path of each message hold no closure: a function that contains one pays for it even if it creates
 * none.
 */
export class Sending {
  /** Outputs to send when the input in flight settles; only with `effects: "commit"`. */
  readonly outbox: Outbox | undefined;
  /** Ids of outputs, if messages in flight at a crash are retried, by this program or the next one. */
  readonly ids: OutputIds | undefined;
  /** True if a mark follows the outputs of each input, so that they and its state are stored together. */
  readonly marks: boolean;
  readonly #host: Sender;
  /** Outputs already sent, if messages in flight at a crash are retried and outputs are committed. */
  readonly #published: Published | undefined;
  readonly #output: AcceptedTypes;
  readonly #replies: KernelDefinition["replies"];
  readonly #untilEnd: { readonly [END_SIGNAL]: EndSignal };
  readonly #stalls: StallWatch;

  /** Number of answers among the outputs. */
  answers = 0;

  constructor(host: Sender, published: Published | undefined) {
    const { id, output, replies, supervise, durable } = host.kernel;
    this.#host = host;
    this.#replies = replies;
    const commits = supervise.effects === "commit";
    this.marks = commits && durable !== undefined && host.assignment?.ids !== undefined;
    this.outbox = commits ? new Outbox(this.marks ? () => this.mark(false, undefined) : undefined) : undefined;
    const isRetried = supervise.onCrash === "retry";
    const ids = host.assignment?.ids ?? (isRetried ? id : undefined);
    this.ids = ids === undefined ? undefined : new OutputIds(ids);
    this.#published = this.outbox !== undefined && isRetried ? published : undefined;
    this.#output = new AcceptedTypes(output, id);
    this.#untilEnd = { [END_SIGNAL]: new EndSignal(id) };
    this.#stalls = new StallWatch(host.clock, () => host.reports.stalled());
  }

  /** Number of outputs that wait for room. */
  get waiting(): number {
    return this.#stalls.waiting;
  }

  /** True while outputs wait for the message in flight to settle. */
  get commitsEffects(): boolean {
    return this.outbox !== undefined && this.#host.currentMessage !== undefined;
  }

  /** Sends an output. Returns undefined if it was accepted at once, so that a ready port costs no promise. */
  emit(output: unknown, wait?: WaitOptions): Promise<void> | undefined {
    const host = this.#host;
    if (host.isOver) throw host.ended("send");
    if (wait !== undefined) checkWait(wait, "send", host.id);
    const caused = this.caused(this.#output.check(output));
    const message = this.ids === undefined ? caused : this.named(caused);
    if (this.commitsEffects) return this.#emitOnCommit(message, wait);
    const later = this.#deliver(message, wait, false);
    if (!this.marks) return later;
    return later === undefined ? this.mark(false, undefined) : later.then(() => this.mark(false, undefined));
  }

  /** Sends a state mark for the inputs in flight, behind their outputs. */
  mark(isNew: boolean, state: unknown): Promise<void> | undefined {
    const { currentMessage, routes } = this.#host;
    const of = this.#host.inFlight().map(({ messageId }) => messageId);
    const mark = StateMark(
      { of, isNew, state },
      currentMessage && { replyTo: currentMessage },
    ) as unknown as AnyMessage;
    if (routes.output.tryPush(mark)) return undefined;
    return routes.output.push(mark, this.whileRunning(undefined));
  }

  /** Sends a replacement for a result, whose type need not be among the kernel's outputs. */
  emitReplacement(message: AnyMessage): Promise<void> | undefined {
    return this.#deliver(message, undefined, false);
  }

  #emitOnCommit(message: AnyMessage, wait: WaitOptions | undefined): undefined {
    this.deferUntilSettled(message, (held) => this.#deliver(held, wait, true));
  }

  /**
   * Defers a message until the message in flight settles, unless it was sent by an earlier commit that a crash broke
   * off.
   */
  deferUntilSettled(message: AnyMessage, deliver: (message: AnyMessage) => Promise<void> | undefined): void {
    const published = this.#published;
    if (published?.isEmpty === false && isDerived(message)) {
      if (published.has(messageIdText(causeOf(message) as MessageId), message.messageId)) return;
    }
    this.outbox?.add(message, deliver);
  }

  /** `isKept`: the message comes from the outbox, which yields to the event loop itself. */
  #deliver(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> | undefined {
    const host = this.#host;
    if (host.isOver) throw host.ended("send");
    return hasBuffers ? this.#passBuffers(message, wait, isKept) : this.#pass(message, wait, isKept);
  }

  /** Gives a message references to its buffers; those of the current message are released when it settles. */
  #passBuffers(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> | undefined {
    const added = ownReferences(message);
    try {
      const later = this.#pass(message, wait, isKept);
      return later === undefined || added.length === 0 ? later : orRelease(later, added);
    } catch (error) {
      for (const buffer of added) buffer.release();
      throw error;
    }
  }

  #pass(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> | undefined {
    if (optionalHeadersOf(message) !== undefined) {
      if (hasDevices && this.#answersElsewhere(message) && isOnDevice(message)) {
        return this.#passReadBack(message, wait, isKept);
      }
      if (this.#answers(message)) {
        this.#host.counts[SENT]++;
        this.answers++;
        return undefined;
      }
    }
    if (this.#host.routes.output.tryPush(message)) {
      this.#host.counts[SENT]++;
      return undefined;
    }
    return this.#emitLater(message, wait, isKept);
  }

  async #emitLater(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> {
    this.#stalls.begin();
    try {
      await this.#host.routes.output.push(message, this.whileRunning(wait));
    } finally {
      this.#stalls.end();
    }
    this.#host.counts[SENT]++;
    if (!isKept && turn.spend()) await turn.next();
  }

  /** True if the requester cannot reach a device of this place. */
  #answersElsewhere(message: AnyMessage): boolean {
    const requester = lineageOf(message)?.requester;
    return requester?.isElsewhere === true && requester.responder === this.#host.id;
  }

  async #passReadBack(message: AnyMessage, wait: WaitOptions | undefined, isKept: boolean): Promise<void> {
    await readBack(message, this.whileRunning(wait));
    await this.#pass(message, wait, isKept);
  }

  #answers(message: AnyMessage): boolean {
    const { id, reports } = this.#host;
    const requester = lineageOf(message)?.requester;
    if (requester?.responder !== id) return false;
    if (this.#replies !== undefined && !requester.isAnswered) this.#checkReply(message, requester, this.#replies);
    const outcome = requester.answer(message);
    if (outcome === "late") {
      const place = { kernelId: id, messageId: message.messageId };
      reports.deadLetter(message, new errors.LATE_REPLY({ requester: requester.name }, place), 0);
    }
    return outcome !== "further";
  }

  /** Throws `TYPE_MISMATCH` for a message that is not the declared reply to the request. */
  #checkReply({ type }: AnyMessage, { asked }: Requester, replies: ReadonlyMap<string, readonly string[]>): void {
    const wanted = replies.get(asked);
    if (wanted === undefined || wanted.includes(type) || type === StageFailure.type) return;
    const remedy = `\`replies\` of the kernel says what answers a request of type "${asked}": send that first, or change \`replies\`.`;
    throw new errors.TYPE_MISMATCH({ wanted, got: type }, { kernelId: this.#host.id, remedy });
  }

  /**
   * Returns the message with the message in flight as its cause, unless it names another; it inherits flow origin and
   * trace.
   */
  caused(message: AnyMessage): AnyMessage {
    const { spans, currentMessage, highest } = this.#host;
    const caused = currentMessage === undefined ? message : causedBy(message, currentMessage, highest);
    return spans === undefined ? caused : spans.carried(caused, currentMessage);
  }

  /** Returns the message with an id that is the same at each attempt. */
  named(message: AnyMessage): AnyMessage {
    const host = this.#host;
    return this.ids === undefined ? message : this.ids.named(message, host.inFlight(), host.deliveries);
  }

  /** Lineage and deadline that a request with this message inherits. */
  parentOf(message: AnyMessage): RequestCause {
    const cause = this.#host.currentMessage;
    const lineage = lineageOf(message);
    if (cause !== undefined && (message === cause || causeOf(message) === idOf(cause))) {
      return { lineage, expiresAt: expiryOf(cause) };
    }
    return { lineage, expiresAt: causeOf(message) === null ? Number.POSITIVE_INFINITY : expiryOf(message) };
  }

  /** Returns a wait that also ends with the kernel, as others that it waits for may never respond. */
  whileRunning(wait: WaitOptions | undefined): KernelWait {
    return wait === undefined ? this.#untilEnd : { ...wait, ...this.#untilEnd };
  }

  /** Forgets the sent outputs of an input that is done. */
  settled({ messageId }: AnyMessage, outbox: Outbox): void {
    outbox.settled();
    if (this.#published?.isEmpty === false) this.#published.forget(messageId);
  }

  /** Ends the waits made on behalf of the kernel. */
  release(): void {
    this.#untilEnd[END_SIGNAL].end();
  }

  /** Ends sending with the incarnation. */
  end(exit: Exit): void {
    this.#stalls.stop();
    if (this.outbox !== undefined) this.#endOutbox(this.outbox, exit);
  }

  /**
   * Handles a commit that broke off: outputs already sent are not sent by another attempt; without one, inputs that
   * have sent everything are done.
   */
  #endOutbox(outbox: Outbox, { kind }: Exit): void {
    const published = this.#published;
    const isTriedAgain = kind === "failed" && this.#host.kernel.supervise.onCrash === "retry";
    outbox.end((sent) => {
      if (published !== undefined && isDerived(sent)) {
        published.add(messageIdText(causeOf(sent) as MessageId), sent.messageId);
      }
      if (!isTriedAgain) this.#settleCause(sent, outbox);
    });
  }

  #settleCause({ correlationId }: AnyMessage, outbox: Outbox): void {
    const cause = this.#host.inFlight().find(({ messageId }) => messageId === correlationId);
    if (cause !== undefined && !outbox.hasMoreOf(cause)) this.#host.settleSent(cause);
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

/** True for an output with a derived id, the same at each attempt; its cause was in flight. */
function isDerived(message: AnyMessage): boolean {
  return idOf(message) instanceof DerivedId && causeOf(message) !== null;
}
