import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Inlet } from "../seam/port.js";
import type { Clock } from "../time/clock.js";
import { afterTurn, turn, WORK } from "../time/turn.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { type Waiting, WaitList } from "./wait-list.js";

/** Observes each message at the moment of its delivery. */
export interface DeliveryObserver {
  received(message: AnyMessage): void;
}

/** Calls that receive from one inlet: first come, first served. */
export class Receivers {
  readonly #inlet: Inlet;
  readonly #kernelId: string;
  readonly #observer: DeliveryObserver | undefined;
  readonly #waiting: WaitList<undefined, AnyMessage>;
  #closed: (() => AnyRinglineError) | undefined;
  #isStopped = false;
  #isDelivering = false;

  constructor(inlet: Inlet, clock: Clock, kernelId: string, reader?: DeliveryObserver) {
    this.#inlet = inlet;
    this.#kernelId = kernelId;
    this.#observer = reader;
    this.#waiting = new WaitList(clock, kernelId);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Returns a ready message, unless earlier calls wait for one. */
  tryReceive(): AnyMessage | undefined {
    return this.#waiting.size > 0 ? undefined : this.#take();
  }

  /** Returns a ready message, unless earlier calls wait or the event loop must have a turn first. */
  ready(): AnyMessage | undefined {
    // a message that the host reads is finished work; one that a body reads is work to come
    const work = this.#observer === undefined ? 1 : WORK;
    return this.#waiting.size > 0 || turn.spend(work) ? undefined : this.#take();
  }

  #take(): AnyMessage | undefined {
    const message = this.#isStopped ? undefined : this.#inlet.tryTake();
    if (message !== undefined && this.#observer !== undefined) this.#observer.received(message);
    return message;
  }

  /** Receives a message. Rejects with `TIMEOUT`, `ABORTED`, and the error that the receivers were closed with. */
  receive(wait: WaitOptions | undefined, operation = "receive"): Promise<AnyMessage> {
    const ready = wait === undefined ? this.ready() : undefined;
    return ready === undefined ? this.#receive(wait, operation) : Promise.resolve(ready);
  }

  #receive(wait: WaitOptions | undefined, operation: string): Promise<AnyMessage> {
    try {
      if (wait !== undefined) checkWait(wait, operation, this.#kernelId);
      if (wait?.timeout === 0) return this.#tryOnce(operation);
      const rest = this.#closed === undefined && turn.spend(WORK);
      if (!rest) {
        const message = this.tryReceive();
        if (message !== undefined) return Promise.resolve(message);
      }
      if (this.#closed !== undefined) throw this.#closed();
      const received = this.#waiting.wait(undefined, wait, operation);
      this.#deliverWhenReadable(rest);
      return received;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Receives without a limit and without a promise: settles the waiter, at once if a message is ready. */
  await(waiter: Waiting<undefined, AnyMessage>): void {
    const rest = this.#closed === undefined && turn.spend(WORK);
    const message = rest ? undefined : this.tryReceive();
    if (message !== undefined) waiter.resolve(message);
    else if (this.#closed !== undefined) waiter.reject(this.#closed());
    else {
      this.#waiting.add(waiter);
      this.#deliverWhenReadable(rest);
    }
  }

  /** `rest`: delivers only after a turn of the event loop. */
  #deliverWhenReadable(rest: boolean): void {
    if (rest) void turn.next().then(this.#deliver);
    else this.#inlet.whenReadable(this.#deliver);
  }

  #tryOnce(operation: string): Promise<AnyMessage> {
    const message = this.tryReceive();
    const closed = this.#closed ?? (() => new errors.TIMEOUT({ operation, timeout: 0 }, { kernelId: this.#kernelId }));
    const outcome = message === undefined ? Promise.reject(closed()) : Promise.resolve(message);
    return turn.spend(WORK) ? afterTurn(outcome) : outcome;
  }

  /** Delivers ready messages, then ends every wait with this error; later ones too, once the inlet is empty. */
  close(error: () => AnyRinglineError): void {
    this.#closed = error;
    this.fail(error);
  }

  /** Delivers ready messages, then ends the present waits with this error; later ones wait again. */
  fail(error: () => AnyRinglineError): void {
    this.#deliver();
    this.#waiting.rejectAll(error);
  }

  /** Ends every wait with this error at once; nothing more is taken from the inlet. */
  stop(error: () => AnyRinglineError): void {
    this.#isStopped = true;
    this.close(error);
  }

  readonly #deliver = (): void => {
    if (this.#isDelivering) return; // the inlet calls back while a message is taken for a waiting call
    this.#isDelivering = true;
    try {
      while (this.#waiting.size > 0 && !this.#isStopped) {
        const message = this.#take();
        if (message === undefined) break;
        this.#waiting.shift()?.resolve(message);
      }
    } finally {
      this.#isDelivering = false;
    }
    if (this.#waiting.size > 0 && !this.#isStopped) this.#inlet.whenReadable(this.#deliver);
  };
}
