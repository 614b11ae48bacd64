import { answerCopyOf, hasBuffers } from "../buffers/references.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";
import { type KernelWait, limitWait } from "../time/limit-wait.js";
import { type AnyMessage, expiryOf, lineageOf } from "./any-message.js";
import { copyMessage, envelopeOf } from "./envelope.js";
import type { Header } from "./header.js";
import type { Lineage, Requester } from "./lineage.js";

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
