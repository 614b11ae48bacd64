import type { Bell } from "./bell.js";

/** Milliseconds that a thread looks out for more before it sleeps. */
const LONGEST = 0.03;
/** Looks between two looks at the clock. */
const POLLS = 64;
/** In vain so often in a row: from then on it looks out less and less. */
const PATIENCE = 4;
const RAREST = 4096;

/** Decides by what has paid: where nothing comes in time, or no core is free for who would send it, it hardly ever spins. */
export class SpinWait {
  #misses = 0;
  #skip = 0;

  /** True when it is worth a try. */
  get pays(): boolean {
    if (this.#skip === 0) return true;
    this.#skip--;
    return false;
  }

  /** Looks out for something new. True when it came. */
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
