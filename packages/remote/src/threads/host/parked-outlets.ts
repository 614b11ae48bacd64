import { inBackground } from "../../endpoint/in-background.js";
import type { HostOutlet } from "./host-outlet.js";

/** Maximum delay in milliseconds between room in a port and its use by a parked sender. */
const ROOM_WITHIN = 2;

/** Outlets with parked senders. They are polled, as homes do not send a notification for each free place. */
export class ParkedOutlets {
  readonly #outlets = new Set<HostOutlet>();
  #timer: ReturnType<typeof setInterval> | undefined;

  watch(outlet: HostOutlet): void {
    outlet.onParked = (isParked) => {
      if (isParked) this.#park(outlet);
      else this.#outlets.delete(outlet);
    };
  }

  /** Checks the outlets for credit notifications. */
  roomAvailable(): void {
    if (this.#outlets.size > 0) for (const outlet of this.#outlets) outlet.roomAvailable();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #park(outlet: HostOutlet): void {
    this.#outlets.add(outlet);
    this.#timer ??= inBackground(setInterval(() => this.#poll(), ROOM_WITHIN));
  }

  #poll(): void {
    for (const outlet of this.#outlets) outlet.refill();
    if (this.#outlets.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
