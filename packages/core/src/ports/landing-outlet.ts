import { isOnDevice, landed } from "../buffers/landing.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Outlet } from "../seam/port.js";
import type { WaitOptions } from "../time/wait-options.js";

/** An outlet to where no device of this place can be reached: buffers are brought to their host side before they go. */
export class LandingOutlet implements Outlet {
  /** Behind it: whoever is where no device can be reached may send there straight. */
  readonly outlet: Outlet;
  /** Those that wait for a buffer, and all that came after them: they keep their order. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(outlet: Outlet) {
    this.outlet = outlet;
  }

  /** For what is on no device. */
  get room(): number {
    return this.#waiting === 0 ? (this.outlet.room ?? 0) : 0;
  }

  tryPush(message: AnyMessage): boolean {
    return this.#waiting === 0 && !isOnDevice(message) && this.outlet.tryPush(message);
  }

  push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (this.#waiting === 0 && !isOnDevice(message)) return this.outlet.push(message, wait);
    this.#waiting++;
    const landing = this.#land(message, wait, this.#last);
    // the next one goes as soon as this one is with the port, which keeps the order of those that wait for room
    this.#last = landing.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return landing.then((pushed) => pushed.done);
  }

  async #land(message: AnyMessage, wait: WaitOptions | undefined, before: Promise<unknown>) {
    const landing = landed(message, wait);
    landing.catch(() => {}); // it is looked at below, in its turn
    await before;
    await landing;
    const done = this.outlet.push(message, wait);
    done.catch(() => {});
    return { done };
  }
}
