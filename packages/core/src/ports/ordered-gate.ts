import type { Clock } from "../time/clock.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { WaitList } from "./wait-list.js";

/**
 * A gate that one passes at a time, first come, first served: whoever came ahead may have to wait, and later ones wait behind.
 * Where nobody has the gate it costs one look.
 */
export class OrderedGate {
  readonly #kernelId: string;
  readonly #queue: WaitList<undefined, void>;
  #isTaken = false;

  /** `kernelId`: on whose behalf one waits, for errors. */
  constructor(clock: Clock, kernelId: string) {
    this.#kernelId = kernelId;
    this.#queue = new WaitList(clock, kernelId);
  }

  /** Somebody has the gate: a newcomer has to wait. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Number of waiting senders. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** True when nobody had the gate; then the caller has it until it leaves. */
  tryEnter(): boolean {
    if (this.#isTaken) return false;
    this.#isTaken = true;
    return true;
  }

  /** Resolves when the caller has the gate. Rejects with `TIMEOUT`, `ABORTED`, `TERMINATED`, `INVALID_ARGUMENT`. */
  async enter(wait?: WaitOptions): Promise<void> {
    if (this.tryEnter()) return;
    if (wait !== undefined) checkWait(wait, "send", this.#kernelId);
    await this.#queue.wait(undefined, wait, "send");
  }

  /** The next one has the gate from now on. */
  leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#isTaken = false;
    else next.resolve();
  }

  /** For whoever only has to come behind the others. */
  async pass(wait?: WaitOptions): Promise<void> {
    await this.enter(wait);
    this.leave();
  }
}
