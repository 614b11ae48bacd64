import { type AnyRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import type { OnError } from "../kernels/kernel.js";
import { errorPlanOf, retryDelay } from "../kernels/on-error.js";
import { type AnyMessage, expiryOf } from "../messages/any-message.js";
import { onAbort } from "../time/on-abort.js";
import { StageFailure } from "../topologies/topology.js";
import type { KernelHost } from "./kernel-host.js";
import type { Outbox } from "./outbox.js";
import { publish } from "./publish.js";

/** The driver of messages, for the error policy. */
export interface Attempts {
  /** Processes a message once more. Returns undefined if it is settled at once. Never throws or rejects. */
  attempt(message: AnyMessage, attempt: number): Promise<void> | undefined;
  /** Ends the incarnation on request; its message stays in flight. `error`: the failure of the message. */
  stop(error: AnyRinglineError | undefined): void;
}

type Decide = Extract<OnError<AnyMessage, unknown>, (...args: never[]) => unknown>;

/** Decides by the kernel's `onError` what happens to a failed message. No method throws or rejects. */
export class ErrorPolicy {
  readonly #host: KernelHost;
  readonly #attempts: Attempts;

  constructor(host: KernelHost, attempts: Attempts) {
    this.#host = host;
    this.#attempts = attempts;
  }

  /** Handles a failure. Returns undefined if the message is settled, or left in flight, at once. */
  failed(thrown: unknown, message: AnyMessage, attempt: number): Promise<void> | undefined {
    const host = this.#host;
    if (host.isOver) return undefined;
    const { outbox } = host.sending;
    if (outbox?.isBegun === false) outbox.discard(); // once begun, the body has succeeded and only the commit failed
    if (this.#isInterrupted(thrown, undefined)) return undefined;
    const error = host.failed(thrown, message);
    const onError = host.kernel.onError as OnError<AnyMessage, unknown>;
    if (typeof onError === "function") return this.#decide(onError, error, message, attempt);
    return this.#act(onError, error, message, attempt);
  }

  async #decide(decide: Decide, error: AnyRinglineError, message: AnyMessage, attempt: number): Promise<void> {
    const host = this.#host;
    try {
      const decision = await decide(error, message);
      if (host.isOver) return;
      if (errorPlanOf(decision) !== undefined) {
        await this.#act(decision, error, message, attempt);
      } else {
        host.sending.outbox?.discard();
        host.currentMessage = message;
        await publish(host, decision);
        host.finish(message);
      }
    } catch (thrown) {
      this.#failedAgain(thrown, message, error, attempt);
    }
  }

  /** Handles an exception of `onError` itself, or of its `retryIf`. */
  #failedAgain(thrown: unknown, message: AnyMessage, error: AnyRinglineError, attempt: number): void {
    if (this.#host.isOver || this.#isInterrupted(thrown, error)) return;
    this.#deadLetter(message, this.#host.failed(thrown, message), attempt);
  }

  /**
   * True for the end of the kernel, thrown by a wait of the body: no failure. The message stays in flight, to be
   * settled by core. `error`: an earlier failure of the message.
   */
  #isInterrupted(thrown: unknown, error: AnyRinglineError | undefined): boolean {
    const host = this.#host;
    if (!host.isEnding || !isRinglineError(thrown, "TERMINATED") || thrown.kernelId !== host.id) return false;
    this.#attempts.stop(error);
    return true;
  }

  #act(action: unknown, error: AnyRinglineError, message: AnyMessage, attempt: number): Promise<void> | undefined {
    const plan = errorPlanOf(action);
    if (plan?.action === "retry") {
      let delay: number | undefined;
      try {
        delay = retryDelay(plan, error, attempt);
      } catch (thrown) {
        this.#failedAgain(thrown, message, error, attempt);
        return undefined;
      }
      if (delay !== undefined) return this.#retry(message, attempt + 1, delay, error);
    }
    if (plan?.action === "reply") return this.#reply(message, error, attempt);
    if (plan?.action === "fail") this.#host.end({ kind: "failed", error });
    else this.#deadLetter(message, error, attempt);
    return undefined;
  }

  /** Sends a `StageFailure` in place of the result; the message is done. */
  #reply(message: AnyMessage, error: AnyRinglineError, attempt: number): Promise<void> | undefined {
    const host = this.#host;
    host.sending.outbox?.discard();
    host.currentMessage = message;
    const stage = host.assignment?.name ?? host.id;
    const failure = StageFailure({ stage, failedId: message.messageId, error }, { replyTo: message });
    try {
      const later = host.sending.emitReplacement(failure as unknown as AnyMessage);
      if (later !== undefined) return this.#replyLater(later, message, error, attempt);
    } catch (thrown) {
      this.#failedAgain(thrown, message, error, attempt);
      return undefined;
    }
    host.finish(message);
    return undefined;
  }

  async #replyLater(
    later: Promise<void>,
    message: AnyMessage,
    error: AnyRinglineError,
    attempt: number,
  ): Promise<void> {
    try {
      await later;
    } catch (thrown) {
      this.#failedAgain(thrown, message, error, attempt);
      return;
    }
    this.#host.finish(message);
  }

  async #retry(message: AnyMessage, attempt: number, delay: number, error: AnyRinglineError): Promise<void> {
    const host = this.#host;
    const left = expiryOf(message) - host.clock.now();
    if (!host.isEnding) await this.#pause(Math.max(0, Math.min(delay, left)));
    if (host.isOver) return;
    host.currentMessage = message;
    const { ids, outbox } = host.sending;
    ids?.restart();
    if (host.isEnding) this.#attempts.stop(error);
    else if (delay >= left) this.#deadLetter(message, this.#expired(message, error), attempt - 1);
    else if (outbox?.isBegun) await this.#commitAgain(message, attempt, outbox);
    else await this.#attempts.attempt(message, attempt);
  }

  /** Resumes a failed commit: outputs already sent are not sent again. */
  async #commitAgain(message: AnyMessage, attempt: number, outbox: Outbox): Promise<void> {
    const host = this.#host;
    host.attempt = attempt;
    try {
      await outbox.commit();
    } catch (thrown) {
      return this.failed(thrown, message, attempt);
    }
    host.finish(message);
  }

  /** The error of a message that expires between attempts. `cause`: its latest failure. */
  #expired(message: AnyMessage, cause: AnyRinglineError): AnyRinglineError {
    const { clock, id, assignment } = this.#host;
    const place = { kernelId: id, stage: assignment?.name, messageId: message.messageId };
    return new errors.EXPIRED({ late: Math.max(0, clock.now() - expiryOf(message)) }, { ...place, cause });
  }

  /** Waits for `delay` milliseconds, or until the kernel is told to end. */
  #pause(delay: number): Promise<void> {
    const { clock, signal } = this.#host;
    return new Promise((resolve) => {
      const uncut = onAbort(signal, () => {
        cancel();
        resolve();
      });
      const cancel = clock.after(delay, () => {
        uncut();
        resolve();
      });
    });
  }

  #deadLetter(message: AnyMessage, error: AnyRinglineError, attempts: number): void {
    if (this.#host.isOver) return;
    const { inlet, reports, sending } = this.#host;
    sending.outbox?.discard();
    const before = inlet.attemptsOf(message);
    inlet.settle(message, "dead-lettered");
    this.#host.clearCause(message);
    this.#host.spans?.end(message, "dead-lettered");
    reports.deadLetter(message, error, before + attempts);
  }
}
