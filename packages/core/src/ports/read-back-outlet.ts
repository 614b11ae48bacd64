import { isOnDevice, readBack } from "../buffers/references.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { RoomyOutlet } from "../seam/shortcuts.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import { OrderedGate } from "./ordered-gate.js";

/** An outlet to where no device of this place can be reached: buffers are brought to their host side before they go. */
export class ReadBackOutlet implements RoomyOutlet {
  /** Behind it: whoever is where no device can be reached may send there straight. */
  readonly outlet: RoomyOutlet;
  readonly #gate: OrderedGate;

  constructor(outlet: RoomyOutlet, clock: Clock, kernelId: string) {
    this.outlet = outlet;
    this.#gate = new OrderedGate(clock, kernelId);
  }

  /** For what is on no device. */
  get credits(): number {
    return !this.#gate.isTaken ? (this.outlet.credits ?? 0) : 0;
  }

  tryPush(message: AnyMessage): boolean {
    return !this.#gate.isTaken && !isOnDevice(message) && this.outlet.tryPush(message);
  }

  push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (!this.#gate.isTaken && !isOnDevice(message)) return this.outlet.push(message, wait);
    return this.#readBack(message, wait);
  }

  /** The next one goes as soon as this one is with the port, which keeps the order of those that wait for room. */
  async #readBack(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    const landing = readBack(message, wait);
    landing.catch(() => {}); // it is looked at below, in its turn
    await this.#gate.enter(wait);
    let pushed: Promise<void>;
    try {
      await landing;
      pushed = this.outlet.push(message, wait);
    } finally {
      this.#gate.leave();
    }
    await pushed;
  }
}
