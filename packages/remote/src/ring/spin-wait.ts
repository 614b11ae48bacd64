import type { Bell } from "./bell.js";

/** Maximum spin time before a thread sleeps, in milliseconds. */
const LONGEST = 0.03;
/** Polls between two reads of the clock. */
const POLLS = 64;
/** Consecutive misses after which spins become rarer. */
const PATIENCE = 4;
const RAREST = 4096;

/** Adaptive spin wait: after repeated misses, because messages come late or the sender has no core, it rarely spins. */
export class SpinWait {
  #misses = 0;
  #skip = 0;

  /** True if a spin is likely to pay off. */
  get pays(): boolean {
    if (this.#skip === 0) return true;
    this.#skip--;
    return false;
  }

  /** Spins until the bell is rung. False on timeout. */
  spin(bell: Bell): boolean {
    const start = performance.now();
    do {
      for (let i = 0; i < POLLS; i++) {
        if (!bell.isRung) continue;
        this.#misses = 0;
        return true;
      }
    } while (performance.now() - start < LONGEST);
    this.#misses++;
    if (this.#misses > PATIENCE) this.#skip = Math.min(2 ** this.#misses, RAREST);
    return false;
  }
}
