import { waitFor } from "./wait-for.js";

/** Steps in which a time-out passes. */
const STEPS = 4;

interface Watched {
  readonly timeout: number;
  readonly onOver: () => void;
}

/** Devices that were given up and still work: they may keep the adapter from what comes to the next ones. */
const busy = new Set<GPUDevice>();

/** Returns whether others were busy when this device was given up, so that it may be their doing that it is late. */
export function giveUp(device: GPUDevice): boolean {
  const isDoubtful = busy.size > 0;
  busy.add(device);
  const over = () => busy.delete(device);
  waitFor(device.queue.onSubmittedWorkDone()).then(over, over);
  return isDoubtful;
}

/**
 * Times what a device does. A device does one thing after the other, in the order in which it was told: the time of each
 * begins when everything before it is done, so that what waits behind slow work is not taken for slow itself.
 */
export class Watchdog {
  readonly #all: Watched[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

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

  #begin(): void {
    clearTimeout(this.#timer);
    const [first] = this.#all;
    if (first !== undefined) this.#time(first, 1);
  }

  /** In steps, so that what a machine sleeps is not counted. */
  #time({ timeout, onOver }: Watched, step: number): void {
    const next = step < STEPS ? () => this.#time({ timeout, onOver }, step + 1) : onOver;
    this.#timer = setTimeout(next, timeout / STEPS);
  }
}
