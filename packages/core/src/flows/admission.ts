import { type AnyRinglineError, asRinglineError } from "../errors/ringline-error.js";
import { WaitList } from "../ports/wait-list.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";

/** Runs once there is room; returns undefined if it completes synchronously. */
type Enter = () => Promise<void> | undefined;

/** Lets so many inputs into a flow at a time; the others wait, first come, first served. */
export class Admission {
  readonly #most: number;
  readonly #flow: string;
  readonly #waiting: WaitList<Enter, void>;
  /** Inputs in the flow. */
  inFlight = 0;

  constructor(most: number, clock: Clock, flow: string) {
    this.#most = most;
    this.#flow = flow;
    this.#waiting = new WaitList(clock, flow);
  }

  /** Inputs that wait for a place. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place. False when there is none, or others wait for one. */
  tryTake(): boolean {
    if (this.inFlight >= this.#most || this.#waiting.size > 0) return false;
    this.inFlight++;
    return true;
  }

  /** Waits for a place and calls `enter` with it. Rejects with `TIMEOUT`, `ABORTED`, and what `enter` throws. */
  wait(enter: Enter, wait: WaitOptions | undefined, operation: string): Promise<void> {
    return this.#waiting.wait(enter, wait, operation);
  }

  /** A place is free. */
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
