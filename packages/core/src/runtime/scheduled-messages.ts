import { type AnyRinglineError, asRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { MAX_WAITERS } from "../ports/memory-port.js";
import type { Outlet } from "../seam/port.js";
import type { Ledger } from "../telemetry/telemetry.js";
import { type Clock, wallTime } from "../time/clock.js";
import { onAbort } from "../time/on-abort.js";
import { checkWait, type SendOptions } from "../time/wait-options.js";

/** Longest delay between two looks at the wall clock, which may be set: a minute. */
const LOOK = 60_000;

/** Services of a kernel for the messages that are sent to it later. */
export interface ScheduleServices {
  readonly id: string;
  readonly clock: Clock;
  readonly input: Outlet;
  deadLetter(message: AnyMessage, error: AnyRinglineError): void;
  cancelled(message: AnyMessage): void;
}

/**
 * Messages for a kernel that are not due. They are accepted and count as queued; when one is due, it is sent to the
 * input like any other, and the input counts it.
 */
export class ScheduledMessages {
  readonly #kernel: ScheduleServices;
  /** Messages that wait, each with a function that stops its wait. */
  readonly #waiting = new Map<symbol, { readonly message: AnyMessage; stop(): void }>();
  #dropped = 0;
  #deadLettered = 0;

  constructor(kernel: ScheduleServices) {
    this.#kernel = kernel;
  }

  /** Accepts a message. Throws `INVALID_ARGUMENT`, `ABORTED`, and `QUEUE_FULL` if too many wait already. */
  add(message: AnyMessage, options: SendOptions): void {
    const { id } = this.#kernel;
    checkWait(options, "send later", id);
    const left = this.#timeLeft(options);
    if (this.#waiting.size >= MAX_WAITERS) throw new errors.QUEUE_FULL({ queueSize: MAX_WAITERS }, { kernelId: id });
    const key = Symbol();
    const { signal } = options;
    let stopClock = () => {};
    const look = () => {
      const time = left();
      if (time > 0) stopClock = this.#kernel.clock.after(time, look);
      else void this.#send(key, message, options);
    };
    const forget = signal && onAbort(signal, () => this.#cancel(key, message));
    this.#waiting.set(key, {
      message,
      stop: () => {
        stopClock();
        forget?.();
      },
    });
    look();
  }

  /** Returns a function that gives the milliseconds until a message is due, or until the next look. */
  #timeLeft({ delay, at }: SendOptions): () => number {
    const { id: kernelId, clock } = this.#kernel;
    const wrong = (argument: string, value: unknown, remedy: string) =>
      new errors.INVALID_ARGUMENT({ argument, value }, { kernelId, remedy });
    if (delay !== undefined && at !== undefined) throw wrong("at", at, "Give either `delay` or `at`.");
    if (at !== undefined) {
      const time = Number(at);
      if (Number.isNaN(time)) throw wrong("at", at, "`at` is a Date, or milliseconds since the epoch.");
      return () => Math.min(time - wallTime(clock), LOOK);
    }
    if (delay !== undefined && !(Number.isFinite(delay) && delay >= 0)) {
      throw wrong("delay", delay, "`delay` is a number of milliseconds, 0 or more.");
    }
    const until = clock.now() + (delay ?? 0);
    return () => until - clock.now();
  }

  async #send(key: symbol, message: AnyMessage, { timeout, signal }: SendOptions): Promise<void> {
    this.#waiting.get(key)?.stop(); // from here on the port observes the signal
    const { input } = this.#kernel;
    try {
      if (!input.tryPush(message)) await input.push(message, { timeout, signal });
      this.#take(key);
    } catch (thrown) {
      if (!this.#take(key)) return;
      if (isRinglineError(thrown, "ABORTED")) this.#drop(message);
      else this.#fail(message, asRinglineError(thrown, { kernelId: this.#kernel.id, messageId: message.messageId }));
    }
  }

  #cancel(key: symbol, message: AnyMessage): void {
    if (this.#take(key)) this.#drop(message);
  }

  /** Removes a message. Returns false if it is gone already. */
  #take(key: symbol): boolean {
    this.#waiting.get(key)?.stop();
    return this.#waiting.delete(key);
  }

  #drop(message: AnyMessage): void {
    this.#dropped++;
    this.#kernel.cancelled(message);
  }

  #fail(message: AnyMessage, error: AnyRinglineError): void {
    this.#deadLettered++;
    this.#kernel.deadLetter(message, error);
  }

  /** Makes dead letters of all messages, as the kernel has ended. */
  end(error: () => AnyRinglineError): void {
    for (const [key, { message }] of [...this.#waiting]) if (this.#take(key)) this.#fail(message, error());
  }

  /** Returns the ledger of the input with these messages. */
  addTo(ledger: Ledger): Ledger {
    const { size: queued } = this.#waiting;
    const [dropped, deadLettered] = [this.#dropped, this.#deadLettered];
    return {
      ...ledger,
      accepted: ledger.accepted + queued + dropped + deadLettered,
      queued: ledger.queued + queued,
      dropped: ledger.dropped + dropped,
      deadLettered: ledger.deadLettered + deadLettered,
    };
  }
}
