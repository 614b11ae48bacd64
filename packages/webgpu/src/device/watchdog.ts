import { waitFor } from "./wait-for.js";

/** Number of timer steps of one time-out. */
const STEPS = 4;

interface Watched {
  readonly timeout: number;
  readonly onOver: () => void;
}

/** Abandoned devices that still work: they may delay work of later devices on the adapter. */
const busy = new Set<GPUDevice>();

/** Registers an abandoned device. Returns true if others were still busy, which may be the reason of the delay. */
export function giveUp(device: GPUDevice): boolean {
  const isDoubtful = busy.size > 0;
  busy.add(device);
  const over = () => busy.delete(device);
  waitFor(device.queue.onSubmittedWorkDone()).then(over, over);
  return isDoubtful;
}

/**
 * Times the work of a device. A device executes in order: the time of each operation starts when everything before it
 * is done, so that work behind a slow operation does not count as slow.
 */
export class Watchdog {
  readonly #all: Watched[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Watches one operation. `timeout`: milliseconds; from 2^31 on it is not watched. Returns a function that ends the
   * watch.
   */
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

  /** Counts in steps, so that sleep of the machine is not counted. */
  #time({ timeout, onOver }: Watched, step: number): void {
    const next = step < STEPS ? () => this.#time({ timeout, onOver }, step + 1) : onOver;
    this.#timer = setTimeout(next, timeout / STEPS);
  }
}
