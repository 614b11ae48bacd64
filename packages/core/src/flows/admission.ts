import { type AnyRinglineError, asRinglineError } from "../errors/ringline-error.js";
import { WaitList } from "../ports/wait-list.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";

/** Runs once admission is granted; returns undefined if it completes synchronously. */
type Enter = () => Promise<void> | undefined;

/** Limits the inputs in flight of a flow; further ones wait, first come, first served. */
export class Admission {
  readonly #most: number;
  readonly #flow: string;
  readonly #waiting: WaitList<Enter, void>;
  /** Number of inputs in flight. */
  inFlight = 0;

  constructor(most: number, clock: Clock, flow: string) {
    this.#most = most;
    this.#flow = flow;
    this.#waiting = new WaitList(clock, flow);
  }

  /** Number of inputs that wait for admission. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Requests admission. Returns false if the flow is full or others wait. */
  tryTake(): boolean {
    if (this.inFlight >= this.#most || this.#waiting.size > 0) return false;
    this.inFlight++;
    return true;
  }

  /** Waits for admission and calls `enter`. Rejects with `TIMEOUT`, `ABORTED`, and what `enter` throws. */
  wait(enter: Enter, wait: WaitOptions | undefined, operation: string): Promise<void> {
    return this.#waiting.wait(enter, wait, operation);
  }

  /** Releases an admission. */
  release(): void {
    this.inFlight--;
    if (this.#waiting.size > 0) this.#grant();
  }

  close(error: () => AnyRinglineError): void {
    this.#waiting.rejectAll(error);
  }

  #grant(): void {
    while (this.inFlight < this.#most) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.inFlight++;
      const failed = (error: unknown) => next.reject(asRinglineError(error, { kernelId: this.#flow }));
      try {
        const later = next.item();
        if (later === undefined) next.resolve();
        else later.then(() => next.resolve(), failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}
