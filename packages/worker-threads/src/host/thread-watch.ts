import type { Clock } from "@ringline/core/internal";
import type { Endpoint } from "@ringline/remote";

/** Looks whether threads still answer, as far as that is wanted. */
export class ThreadWatch {
  readonly #endpoint: Endpoint;
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #stalled: (thread: number) => void;
  /** Threads, and since when each owes an answer; 0: it owes none. */
  readonly #owing = new Map<number, number>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `limit`: milliseconds; Infinity: nobody looks. */
  constructor(endpoint: Endpoint, limit: number, clock: Clock, stalled: (thread: number) => void) {
    this.#endpoint = endpoint;
    this.#limit = limit;
    this.#clock = clock;
    this.#stalled = stalled;
  }

  add(thread: number): void {
    if (this.#limit === Number.POSITIVE_INFINITY) return;
    this.#owing.set(thread, 0);
    this.#timer ??= setInterval(() => this.#look(), Math.max(1, Math.min(this.#limit / 4, 1000)));
    this.#timer.unref();
  }

  delete(thread: number): void {
    this.#owing.delete(thread);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#owing.clear();
  }

  #look(): void {
    const now = this.#clock.now();
    for (const [thread, since] of this.#owing) {
      if (since === 0) this.#ask(thread, now);
      else if (now - since > this.#limit) this.#stalled(thread);
    }
  }

  #ask(thread: number, now: number): void {
    this.#owing.set(thread, now);
    const answered = () => {
      if (this.#owing.has(thread)) this.#owing.set(thread, 0);
    };
    this.#endpoint.calls.make(thread, { k: "ping" }).answer.then(answered, () => {});
  }
}
