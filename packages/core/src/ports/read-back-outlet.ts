import { isOnDevice, readBack } from "../buffers/references.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { RoomyOutlet } from "../seam/shortcuts.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import { OrderedGate } from "./ordered-gate.js";

/**
 * An outlet to a place that cannot reach the devices of this one: buffers are read back to the host before they are
 * sent.
 */
export class ReadBackOutlet implements RoomyOutlet {
  /** The wrapped outlet; senders that have no access to devices may use it directly. */
  readonly outlet: RoomyOutlet;
  readonly #gate: OrderedGate;

  constructor(outlet: RoomyOutlet, clock: Clock, kernelId: string) {
    this.outlet = outlet;
    this.#gate = new OrderedGate(clock, kernelId);
  }

  /** Credits for messages that are on no device. */
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

  /**
   * Reads the buffers back, then pushes. The gate is left as soon as the port has the message, which keeps the order of
   * pushes that wait for room.
   */
  async #readBack(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    const landing = readBack(message, wait);
    landing.catch(() => {}); // awaited below, behind earlier messages
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
