import type { KernelContext } from "../context/kernel-context.js";
import { type AnyRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import { delayBefore } from "../kernels/backoff.js";
import type { Handle, OnError } from "../kernels/kernel.js";
import { planOf } from "../kernels/on-error.js";
import { type AnyMessage, expiryOf, isMessage } from "../messages/any-message.js";
import { calls } from "../messages/in-hand.js";
import { dispatch } from "../time/dispatch.js";
import { turn, WORK } from "../time/turn.js";
import { StageFailure } from "../topologies/stage-failure.js";
import type { KernelHost } from "./kernel-host.js";
import type { Outbox } from "./outbox.js";

/** Drives a `handle` body: takes what is ready without awaiting, and awaits only a body or a port that makes it wait. */
export function driveHandle(host: KernelHost, ctx: KernelContext<never, never>): void {
  new HandleDriver(host, ctx).start();
}

type Body = Handle<AnyMessage, unknown, KernelContext<never, never>>;

class HandleDriver {
  readonly #host: KernelHost;
  readonly #ctx: KernelContext<never, never>;
  readonly #handle: Body;
  #isIdle = true;

  constructor(host: KernelHost, ctx: KernelContext<never, never>) {
    this.#host = host;
    this.#ctx = ctx;
    this.#handle = host.kernel.handle as unknown as Body;
  }

  start(): void {
    this.#host.onEnding = () => {
      if (this.#isIdle) this.#wake();
    };
    this.#host.inlet.whenReadable(this.#wake);
  }

  readonly #wake = (): void => {
    if (!this.#isIdle) return;
    this.#isIdle = false;
    dispatch(this.#drain);
  };

  readonly #goOn = (): void => dispatch(this.#drain);

  readonly #drain = (): void => {
    const host = this.#host;
    for (;;) {
      if (host.isOver) return;
      if (host.isEnding) {
        host.end({ kind: "stopped" });
        return;
      }
      if (turn.spend(WORK)) {
        void turn.next().then(this.#goOn);
        return;
      }
      const message = host.inlet.tryTake();
      if (message === undefined) {
        this.#isIdle = true;
        host.inlet.whenReadable(this.#wake);
        return;
      }
      host.begin(message);
      const later = this.#attempt(message, 1);
      if (later !== undefined) {
        void later.then(this.#goOn);
        return;
      }
    }
  };

  /** One attempt at a message. Undefined when it is settled already. Never throws or rejects. */
  #attempt(message: AnyMessage, attempt: number): Promise<void> | undefined {
    const host = this.#host;
    host.attempt = attempt;
    try {
      const handle = this.#handle;
      calls(host);
      const result = handle(message, this.#ctx);
      calls(undefined);
      const later = this.#publish(result);
      if (later === undefined) {
        host.finish(message);
        return undefined;
      }
      return this.#settleLater(later, message, attempt);
    } catch (thrown) {
      calls(undefined);
      return this.#failed(thrown, message, attempt);
    }
  }

  async #settleLater(later: Promise<void>, message: AnyMessage, attempt: number): Promise<void> {
    try {
      await later;
    } catch (thrown) {
      return this.#failed(thrown, message, attempt);
    }
    this.#host.finish(message);
  }

  /** Emits the outputs, and all that waited for the message to succeed. Undefined when all were accepted at once. */
  #publish(result: unknown): Promise<void> | undefined {
    const { outbox } = this.#host;
    const later = result === undefined ? undefined : this.#emitAll(result);
    if (outbox === undefined) return later;
    return later === undefined ? outbox.commit() : commitAfter(later, outbox);
  }

  /** Undefined when all were accepted at once. */
  #emitAll(result: unknown): Promise<void> | undefined {
    if (isMessage(result)) return this.#host.emit(result);
    if (Array.isArray(result)) return this.#emitFrom(result, 0);
    if (typeof (result as PromiseLike<unknown> | null)?.then === "function") {
      return this.#emitLater(result as PromiseLike<unknown>);
    }
    return this.#host.emit(result);
  }

  async #emitLater(result: PromiseLike<unknown>): Promise<void> {
    const late = await result;
    if (late !== undefined) await this.#emitAll(late);
  }

  #emitFrom(outputs: readonly unknown[], start: number): Promise<void> | undefined {
    for (let i = start; i < outputs.length; i++) {
      const later = this.#host.emit(outputs[i]);
      if (later !== undefined) return this.#emitRest(later, outputs, i + 1);
    }
    return undefined;
  }

  async #emitRest(before: Promise<void>, outputs: readonly unknown[], start: number): Promise<void> {
    await before;
    await this.#emitFrom(outputs, start);
  }

  #failed(thrown: unknown, message: AnyMessage, attempt: number): Promise<void> | undefined {
    const host = this.#host;
    if (host.isOver) return undefined;
    if (host.outbox?.isBegun === false) host.outbox.discard(); // else the body has done its work, and the commit failed
    if (this.#isInterrupted(thrown, undefined)) return undefined;
    const error = host.failed(thrown, message);
    const onError = host.kernel.onError as OnError<AnyMessage, unknown>;
    if (typeof onError === "function") return this.#decide(onError, error, message, attempt);
    return this.#act(onError, error, message, attempt);
  }

  async #decide(
    onError: Extract<OnError<AnyMessage, unknown>, (...args: never[]) => unknown>,
    error: AnyRinglineError,
    message: AnyMessage,
    attempt: number,
  ): Promise<void> {
    try {
      const decision = await onError(error, message);
      if (this.#host.isOver) return;
      if (planOf(decision) !== undefined) {
        await this.#act(decision, error, message, attempt);
      } else {
        this.#host.outbox?.discard();
        await this.#publish(decision);
        this.#host.finish(message);
      }
    } catch (thrown) {
      this.#failedAgain(thrown, message, error, attempt);
    }
  }

  /** What `onError` says failed as well. */
  #failedAgain(thrown: unknown, message: AnyMessage, error: AnyRinglineError, attempt: number): void {
    if (this.#host.isOver || this.#isInterrupted(thrown, error)) return;
    this.#deadLetter(message, this.#host.failed(thrown, message), attempt);
  }

  /**
   * True for the end of the kernel, passed on by what waited: no failure. The message stays in hand, for whoever ended it
   * to settle. `error`: what it had failed with.
   */
  #isInterrupted(thrown: unknown, error: AnyRinglineError | undefined): boolean {
    const host = this.#host;
    if (!host.isEnding || !isRinglineError(thrown, "TERMINATED") || thrown.kernelId !== host.id) return false;
    this.#stop(error);
    return true;
  }

  #stop(unfinished: AnyRinglineError | undefined): void {
    this.#host.end({ kind: "stopped", ...(unfinished !== undefined && { unfinished }) });
  }

  #act(action: unknown, error: AnyRinglineError, message: AnyMessage, attempt: number): Promise<void> | undefined {
    const plan = planOf(action);
    if (plan?.action === "retry" && attempt <= plan.retries) {
      return this.#retry(message, attempt + 1, delayBefore(attempt + 1, plan.backoff), error);
    }
    if (plan?.action === "reply") return this.#reply(message, error, attempt);
    if (plan?.action === "fail") this.#host.end({ kind: "failed", error });
    else this.#deadLetter(message, error, attempt);
    return undefined;
  }

  /** Puts a failure in the place of the result; the message is done. */
  #reply(message: AnyMessage, error: AnyRinglineError, attempt: number): Promise<void> | undefined {
    const host = this.#host;
    host.outbox?.discard();
    const stage = host.seat?.name ?? host.id;
    const failure = StageFailure({ stage, failedId: message.messageId, error }, { replyTo: message });
    try {
      const later = host.emitInstead(failure as unknown as AnyMessage);
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
    host.onEnding = () => {
      if (this.#isIdle) this.#wake();
    };
    host.ids?.restart();
    if (host.isEnding) this.#stop(error);
    else if (delay >= left) this.#deadLetter(message, this.#expired(message, error), attempt - 1);
    else if (host.outbox?.isBegun) await this.#commitAgain(message, attempt, host.outbox);
    else await this.#attempt(message, attempt);
  }

  /** Goes on where the commit was refused: what has left is not sent again. */
  async #commitAgain(message: AnyMessage, attempt: number, outbox: Outbox): Promise<void> {
    const host = this.#host;
    host.attempt = attempt;
    try {
      await outbox.commit();
    } catch (thrown) {
      return this.#failed(thrown, message, attempt);
    }
    host.finish(message);
  }

  /** `cause`: why it was not done in time. */
  #expired(message: AnyMessage, cause: AnyRinglineError): AnyRinglineError {
    const { clock, id, seat } = this.#host;
    const place = { kernelId: id, stage: seat?.name, messageId: message.messageId };
    return new errors.EXPIRED({ late: Math.max(0, clock.now() - expiryOf(message)) }, { ...place, cause });
  }

  #pause(delay: number): Promise<void> {
    const host = this.#host;
    return new Promise((resolve) => {
      const cancel = host.clock.after(delay, resolve);
      host.onEnding = () => {
        cancel();
        resolve();
      };
    });
  }

  #deadLetter(message: AnyMessage, error: AnyRinglineError, attempts: number): void {
    if (this.#host.isOver) return;
    const { inlet, outbox, reports } = this.#host;
    outbox?.discard();
    const before = inlet.attemptsOf(message);
    inlet.settle(message, "dead-lettered");
    this.#host.letGo(message);
    reports.deadLetter(message, error, before + attempts);
  }
}

async function commitAfter(later: Promise<void>, outbox: Outbox): Promise<void> {
  await later;
  await outbox.commit();
}
