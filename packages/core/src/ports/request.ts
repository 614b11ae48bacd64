import { answerCopyOf, hasBuffers } from "../buffers/references.js";
import { type AnyRinglineError, asRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, copyMessage, envelopeOf, expiryOf, lineageOf } from "../messages/any-message.js";
import type { Header } from "../messages/header.js";
import type { Lineage, Requester } from "../messages/lineage.js";
import type { PeerRoute } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";
import { afterTurn, turn } from "../time/turn.js";
import { checkWait, type KernelWait, limitWait, type WaitOptions } from "../time/wait-options.js";

/**
 * Sends a request and waits for its answer, which does not pass the output port of the responder. The time-out covers
 * both, and is the deadline of the message and of what it causes. `requester`: its name; `parent`: the lineage and
 * deadline that the request inherits.
 */
export async function request(
  route: PeerRoute,
  message: AnyMessage,
  wait: WaitOptions | undefined,
  requester: string,
  parent: RequestCause,
  clock: Clock,
): Promise<AnyMessage> {
  if (wait !== undefined) checkWait(wait, "request", route.id);
  const ask = new PendingRequest(route.id, requester, parent, clock, wait, message.type);
  if (!ask.waits) return ask.answered; // the requester is about to end
  try {
    const copy = copyMessage(message, {
      ...envelopeOf(message),
      lineage: { requester: ask },
      // a time-out of 0 tries once, and is no deadline of the message
      expiresAt: wait?.timeout === 0 ? expiryOf(message) : Math.min(expiryOf(message), ask.expiresAt),
    });
    if (!route.outlet.tryPush(copy)) {
      const failed = (error: unknown) => {
        if (isRinglineError(error, "TIMEOUT")) ask.expire();
        else ask.fail(asRinglineError(error, { kernelId: route.id }));
      };
      route.outlet.push(copy, ask.isEndless ? wait : { ...wait, timeout: ask.remaining }).catch(failed);
    }
  } catch (error) {
    ask.fail(asRinglineError(error, { kernelId: route.id }));
  }
  if (!ask.waits && turn.spend()) return afterTurn(ask.answered);
  return ask.answered;
}

/** Cause on behalf of which a request is made. The answer gets its lineage, in place of the lineage of the request. */
export interface RequestCause {
  readonly lineage: Lineage | undefined;
  /** Deadline of the causing message, by the clock of this place; Infinity for none. */
  readonly expiresAt: number;
}

/** Cause of a request that no message has caused. */
export const NO_REQUEST_CAUSE: RequestCause = Object.freeze({
  lineage: undefined,
  expiresAt: Number.POSITIVE_INFINITY,
});

/** A request that waits for its answer. */
export class PendingRequest implements Requester {
  readonly responder: string;
  readonly name: string;
  readonly asked: string;
  readonly answered: Promise<AnyMessage>;
  /** Deadline of the request, by the clock of this place; Infinity for none. */
  readonly expiresAt: number;
  readonly #cause: RequestCause;
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #unlimit: (() => void) | undefined;
  #resolve!: (message: AnyMessage) => void;
  #reject!: (error: AnyRinglineError) => void;
  #waits = true;
  #isAnswered = false;

  /** Creates a request that waits no longer than the message on whose behalf it is made. */
  constructor(
    responder: string,
    name: string,
    parent: RequestCause,
    clock: Clock,
    wait: KernelWait | undefined,
    asked = "",
  ) {
    this.responder = responder;
    this.name = name;
    this.asked = asked;
    this.#cause = parent;
    this.#clock = clock;
    this.#timeout = wait?.timeout ?? Number.POSITIVE_INFINITY;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const isEndless = this.#timeout === Number.POSITIVE_INFINITY && parent.expiresAt === Number.POSITIVE_INFINITY;
    const now = isEndless ? 0 : clock.now();
    this.expiresAt = Math.min(parent.expiresAt, now + this.#timeout);
    if (!isEndless || wait !== undefined) this.#unlimit = this.#limit({ ...wait, timeout: this.expiresAt - now });
  }

  get isEndless(): boolean {
    return this.expiresAt === Number.POSITIVE_INFINITY;
  }

  /** Milliseconds until the request times out. */
  get remaining(): number {
    return Math.max(0, this.expiresAt - this.#clock.now());
  }

  get waits(): boolean {
    return this.#waits;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  #limit(wait: KernelWait): () => void {
    return limitWait(wait, this.#clock, "request", this.responder, (error) => {
      if (error.code === "TIMEOUT") this.expire();
      else this.fail(error);
    });
  }

  /** Fails the request because its time is over. */
  expire(): void {
    this.fail(this.#expired());
  }

  /** Error of a late request: its own time-out, or the deadline of its cause. */
  #expired(): AnyRinglineError {
    const place = { kernelId: this.responder };
    const { expiresAt } = this.#cause;
    if (this.expiresAt < expiresAt) return new errors.TIMEOUT({ operation: "request", timeout: this.#timeout }, place);
    return new errors.EXPIRED({ late: Math.max(0, this.#clock.now() - expiresAt) }, place);
  }

  answer(answer: Header): "taken" | "late" | "further" {
    if (this.#isAnswered) return "further";
    this.#isAnswered = true;
    if (!this.#waits) return "late";
    this.#end();
    const message = hasBuffers ? answerCopyOf(answer as AnyMessage) : (answer as AnyMessage);
    const { lineage, expiresAt } = this.#cause;
    const isPlain = lineageOf(message) === lineage && expiryOf(message) === expiresAt;
    this.#resolve(isPlain ? message : copyMessage(message, { ...envelopeOf(message), lineage, expiresAt }));
    return "taken";
  }

  /**
   * Fails the request. If the message expired at the responder because the time of this request is over, the error is
   * that of the request.
   */
  fail(error: AnyRinglineError): void {
    if (!this.#waits) return;
    this.#end();
    this.#reject(error.code === "EXPIRED" && this.#clock.now() >= this.expiresAt ? this.#expired() : error);
  }

  #end(): void {
    this.#waits = false;
    this.#unlimit?.();
  }
}
