import type { Clock } from "../time/clock.js";
import { checkWait, type WaitOptions } from "../time/wait-options.js";
import { WaitList } from "./wait-list.js";

/**
 * A gate that one caller at a time holds, first come, first served: while the holder waits for something, later callers
 * wait behind it. A free gate costs one check.
 */
export class OrderedGate {
  readonly #kernelId: string;
  readonly #queue: WaitList<undefined, void>;
  #isTaken = false;

  /** `kernelId`: the kernel that errors of a wait name. */
  constructor(clock: Clock, kernelId: string) {
    this.#kernelId = kernelId;
    this.#queue = new WaitList(clock, kernelId);
  }

  /** True while a caller has the gate: others have to wait. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Number of waiting senders. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Enters a free gate: the caller has it until `leave`. Returns false if the gate is taken. */
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

  /** Passes the gate to the next waiting caller, or frees it. */
  leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#isTaken = false;
    else next.resolve();
  }

  /** Waits for the gate and leaves it at once, for a caller that only has to keep the order. */
  async pass(wait?: WaitOptions): Promise<void> {
    await this.enter(wait);
    this.leave();
  }
}
