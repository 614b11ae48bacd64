import type { DurableFlow } from "../durable/durable-flow.js";
import { type AnyRinglineError, asRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, copyMessage, envelopeOf, expiryOf, isMessage } from "../messages/any-message.js";
import type { Header } from "../messages/header.js";
import type { AcceptedTypes } from "../messages/message-type.js";
import { NO_REQUEST_CAUSE, PendingRequest } from "../ports/request.js";
import type { Replay } from "../runtime/dead-letter-store.js";
import type { DeadLetter } from "../runtime/dead-letters.js";
import { entering } from "../telemetry/spans.js";
import { afterTurn, turn } from "../time/turn.js";
import { checkWait, limited, type WaitOptions } from "../time/wait-options.js";
import type { FlowBuilder } from "./build-flow.js";
import type { FlowCore } from "./flow-core.js";
import type { Sink } from "./flow-services.js";

const ACCEPTED = Promise.resolve();

/** The entry of a flow for messages from outside. */
export class FlowIngress {
  readonly id: string;
  readonly #core: FlowCore;
  readonly #accepted: AcceptedTypes;
  readonly #entryAt: FlowBuilder["entryAt"];
  #isClosed = false;
  /** The reason for the close, unless this program ended the flow. */
  #why: AnyRinglineError | undefined;

  constructor(core: FlowCore, accepted: AcceptedTypes, entryAt: FlowBuilder["entryAt"]) {
    this.id = core.id;
    this.#core = core;
    this.#accepted = accepted;
    this.#entryAt = entryAt;
  }

  readonly send = (message: unknown, wait?: WaitOptions): Promise<void> => {
    try {
      const checked = this.check(message, "send");
      const { admission, main } = this.#core;
      if (this.#core.durable !== undefined) return this.#sendKept(checked, wait);
      if (wait === undefined && admission.tryTake()) {
        const later = this.#core.enter(checked, main, undefined, undefined);
        if (later === undefined) return turn.spend() ? turn.next() : ACCEPTED;
        return turn.spend() ? afterTurn(later) : later;
      }
      const sent = this.#sendLater(checked, undefined, wait, "send");
      return turn.spend() ? afterTurn(sent) : sent;
    } catch (error) {
      return turn.spend() ? afterTurn(Promise.reject(error)) : Promise.reject(error);
    }
  };

  /** Sends a message and resolves when it is stored in the journal. */
  #sendKept(message: AnyMessage, wait: WaitOptions | undefined, entry?: Sink): Promise<void> {
    const { admission, main, durable } = this.#core;
    if (wait !== undefined || !admission.tryTake()) return this.#sendKeptLater(message, wait, entry);
    const later = this.#core.enter(message, main, undefined, undefined, entry);
    const inputs = (durable as DurableFlow).inputs;
    return later === undefined ? inputs.kept() : later.then(() => inputs.kept());
  }

  async #sendKeptLater(message: AnyMessage, wait: WaitOptions | undefined, entry?: Sink): Promise<void> {
    await this.#sendLater(message, undefined, wait, "send", entry);
    const kept = this.#core.durable?.inputs.kept() as Promise<void>;
    await (wait === undefined ? kept : limited(kept, wait, this.#core.clock, "send", this.id).catch(this.#inDoubt));
    if (turn.spend()) await turn.next();
  }

  /** Maps the end of a wait to `IN_DOUBT`: the message is accepted, but not confirmed as stored. */
  readonly #inDoubt = (error: unknown): never => {
    if (!isRinglineError(error, "TIMEOUT") && !isRinglineError(error, "ABORTED")) throw error;
    throw new errors.IN_DOUBT({ operation: "send", flow: this.id }, { kernelId: this.id, cause: error });
  };

  readonly request = async (message: unknown, wait?: WaitOptions): Promise<AnyMessage> => {
    const checked = this.check(message, "request");
    if (wait !== undefined) checkWait(wait, "request", this.id);
    const ask = new PendingRequest(this.id, "the host", NO_REQUEST_CAUSE, this.#core.clock, wait);
    if (!ask.waits) return ask.answered;
    // the time-out is the deadline of all that the request causes; a time-out of 0 sets no deadline
    const expiresAt = wait?.timeout === 0 ? expiryOf(checked) : Math.min(expiryOf(checked), ask.expiresAt);
    const due = expiresAt === expiryOf(checked) ? checked : copyMessage(checked, { ...envelopeOf(checked), expiresAt });
    this.#sendLater(due, ask, wait, "request").catch((error) => {
      ask.fail(asRinglineError(error, { kernelId: this.id }));
    });
    if (!ask.waits && turn.spend()) return afterTurn(ask.answered);
    return ask.answered;
  };

  /** Returns the replay of a dead letter: at its node, or as an input of the flow. Throws `INVALID_ARGUMENT`. */
  replayTarget({ stage, message, kernelId }: DeadLetter): Replay {
    const entry = stage === null || !isMessage(message) ? undefined : this.#entryAt(stage, kernelId);
    if (entry !== undefined) return (again, wait) => this.#replay(again, wait, entry);
    if (this.#accepted.names.includes(message.type)) return (again, wait) => this.send(again, wait);
    const node = stage === null ? "its output" : `"${stage}"`;
    const remedy = `The message is no input of flow "${this.id}", and cannot return to ${node}: pass \`to\` to name its receiver.`;
    const { messageId } = message;
    throw new errors.INVALID_ARGUMENT({ argument: "to", value: undefined }, { kernelId, stage, messageId, remedy });
  }

  async #replay(message: Header, wait: WaitOptions, entry: Sink): Promise<void> {
    this.checkOpen("send");
    const { durable } = this.#core;
    durable?.inputs.forget(message as AnyMessage);
    if (durable === undefined) await this.#sendLater(message as AnyMessage, undefined, wait, "send", entry);
    else await this.#sendKept(message as AnyMessage, wait, entry);
  }

  /** Closes the entry and rejects waiting senders. `why`: the error for later operations. */
  close(why?: AnyRinglineError): void {
    this.#isClosed = true;
    this.#why ??= why;
    this.#core.admission.close(() => this.terminated("send"));
  }

  /** Throws if the flow does not accept the message, and `TERMINATED` once it is closed. */
  check(message: unknown, operation: string): AnyMessage {
    this.checkOpen(operation);
    return entering(this.#accepted.check(message));
  }

  checkOpen(operation: string): void {
    if (this.#isClosed) throw this.terminated(operation);
  }

  terminated(operation: string): AnyRinglineError {
    if (this.#why !== undefined) return this.#why;
    const remedy = "Run the topology again, or stop using the flow before it is terminated.";
    return new errors.TERMINATED({ operation }, { kernelId: this.id, remedy });
  }

  /** Sends with time limits, or after other waiting senders. */
  async #sendLater(
    message: AnyMessage,
    ask: PendingRequest | undefined,
    wait: WaitOptions | undefined,
    operation: string,
    entry?: Sink,
  ): Promise<void> {
    if (wait !== undefined) checkWait(wait, operation, this.id);
    const core = this.#core;
    const { clock, admission, main } = core;
    const until = wait?.timeout === undefined ? undefined : clock.now() + wait.timeout;
    const enter = () => {
      const left = until === undefined ? wait : { ...wait, timeout: Math.max(0, until - clock.now()) };
      return core.enter(message, main, ask, left, entry);
    };
    if (admission.tryTake()) return enter();
    if (wait?.timeout === 0) throw new errors.TIMEOUT({ operation, timeout: 0 }, { kernelId: this.id });
    return core.awaitPlace(enter, wait, operation);
  }
}

/**
 * Enters the unprocessed inputs of earlier programs at their edges; outputs go to the queue that new inputs use at that
 * moment. Rejects with the error that ends the flow.
 */
export async function resumeFlow({ inputs }: DurableFlow, core: FlowCore, entryAt: FlowBuilder["beginAt"]) {
  await turn.next(); // a `process` that begins at once gets the outputs
  for (const { edge, message } of inputs.unprocessed()) {
    const enter = () => core.enter(message, core.processing ?? core.main, undefined, undefined, entryAt(edge));
    for (let isIn = false; !isIn; ) {
      try {
        await (core.admission.tryTake() ? enter() : core.awaitPlace(enter, undefined, "run"));
        isIn = true;
      } catch (error) {
        if (!isRinglineError(error, "QUEUE_FULL") || core.admission.inFlight === 0) throw error;
        await new Promise<void>((resolve) => core.inFlightCounter.whenMessageLeaves(resolve));
      }
    }
  }
}
