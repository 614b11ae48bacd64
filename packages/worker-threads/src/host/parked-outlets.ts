import type { HostOutlet } from "./host-outlet.js";

/** Milliseconds after which whoever waits for a place that came free has it at the latest. */
const ROOM_WITHIN = 2;

/** The ports where somebody waits for room. They are looked at now and then, as homes do not tell of every place. */
export class ParkedOutlets {
  readonly #outlets = new Set<HostOutlet>();
  #timer: NodeJS.Timeout | undefined;

  watch(outlet: HostOutlet): void {
    outlet.onParked = (isParked) => {
      if (isParked) this.#park(outlet);
      else this.#outlets.delete(outlet);
    };
  }

  /** Homes may have said something of them. */
  roomAvailable(): void {
    if (this.#outlets.size > 0) for (const outlet of this.#outlets) outlet.roomAvailable();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #park(outlet: HostOutlet): void {
    this.#outlets.add(outlet);
    this.#timer ??= setInterval(() => this.#poll(), ROOM_WITHIN).unref();
  }

  #poll(): void {
    for (const outlet of this.#outlets) outlet.refill();
    if (this.#outlets.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
