import { waitFor } from "./wait-for.js";

/** Milliseconds that work is given beyond its time-out while an adapter may be busy with work that was given up. */
const PATIENCE = 30_000;

/** Steps in which a time-out passes. */
const STEPS = 4;

interface Watched {
  readonly timeout: number;
  readonly onOver: () => void;
}

/** Devices that were given up and still work: they may take the adapter from the next ones. */
const busy = new Set<GPUDevice>();
/** How many were given up. */
let given = 0;

export function giveUp(device: GPUDevice): void {
  given++;
  busy.add(device);
  const over = () => busy.delete(device);
  waitFor(device.queue.onSubmittedWorkDone()).then(over, over);
}

/**
 * Times what a device does. A device does one thing after the other, in the order in which it was told: the time of each
 * begins when everything before it is done, so that what waits behind slow work is not taken for slow itself.
 */
export class Watchdog {
  readonly #all: Watched[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How many devices had been given up when this one answered last: they do not hold it up. */
  #answered = -1;

  /** `timeout`: milliseconds; what has no end is not watched. Returns what ends the watching. */
  watch(timeout: number, onOver: () => void): () => void {
    if (timeout >= 2 ** 31) return () => {};
    const watched = { timeout, onOver };
    this.#all.push(watched);
    if (this.#all.length === 1) this.#begin();
    return () => {
      const at = this.#all.indexOf(watched);
      if (at >= 0) this.#all.splice(at, 1);
      if (at === 0) this.#begin();
    };
  }

  /** The device has answered. */
  answered(): void {
    this.#answered = given;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    const [first] = this.#all;
    if (first !== undefined) this.#time(first, 1, PATIENCE);
  }

  /** In steps, so that what a machine sleeps is not counted. */
  #time(watched: Watched, step: number, patience: number): void {
    const { timeout, onOver } = watched;
    this.#timer = setTimeout(() => {
      if (step < STEPS) {
        this.#time(watched, step + 1, patience);
        return;
      }
      const isHeldUp = busy.size > 0 && this.#answered !== given;
      if (isHeldUp && patience > 0) this.#time(watched, 1, patience - timeout);
      else onOver();
    }, timeout / STEPS);
  }
}
