import type { Clock } from "@ringline/core/internal";
import type { Endpoint } from "../../endpoint/endpoint.js";
import { inBackground } from "../../endpoint/in-background.js";

/** Watchdog: pings the threads, and reports those that do not answer within the limit. */
export class ThreadWatch {
  readonly #endpoint: Endpoint;
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #stalled: (thread: number) => void;
  /** Time of the unanswered ping of each thread; 0: none. */
  readonly #unanswered = new Map<number, number>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `limit`: milliseconds; Infinity: no pings. */
  constructor(endpoint: Endpoint, limit: number, clock: Clock, stalled: (thread: number) => void) {
    this.#endpoint = endpoint;
    this.#limit = limit;
    this.#clock = clock;
    this.#stalled = stalled;
  }

  add(thread: number): void {
    if (this.#limit === Number.POSITIVE_INFINITY) return;
    this.#unanswered.set(thread, 0);
    this.#timer ??= inBackground(setInterval(() => this.#check(), Math.max(1, Math.min(this.#limit / 4, 1000))));
  }

  delete(thread: number): void {
    this.#unanswered.delete(thread);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unanswered.clear();
  }

  #check(): void {
    const now = this.#clock.now();
    for (const [thread, since] of this.#unanswered) {
      if (since === 0) this.#ping(thread, now);
      else if (now - since > this.#limit) this.#stalled(thread);
    }
  }

  #ping(thread: number, now: number): void {
    this.#unanswered.set(thread, now);
    const answered = () => {
      if (this.#unanswered.has(thread)) this.#unanswered.set(thread, 0);
    };
    this.#endpoint.calls.make(thread, { k: "ping" }).answer.then(answered, () => {});
  }
}
