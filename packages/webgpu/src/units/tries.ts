import { hasOutlived, isBystander } from "../device/session.js";
import type { Settings } from "../options.js";

/** How often some messages were on a device that was lost. */
export class Tries {
  #lost: number;

  constructor(lost = 0) {
    this.#lost = lost;
  }

  copy(): Tries {
    return new Tries(this.#lost);
  }

  /**
   * What to do once the device was lost: try again, as nobody knows better; find out which of `count` messages outlived the
   * time-out; or fail. A device that is given up for what another batch does counts for nobody else.
   */
  after(error: unknown, count: number, settings: Settings, canReopen: boolean): "again" | "split" | "fail" {
    if (settings.onDeviceLost === "fail" || !canReopen) return "fail";
    if (hasOutlived(error)) return count > 1 ? "split" : "fail";
    if (isBystander(error)) return "again";
    return ++this.#lost < settings.attempts ? "again" : "fail";
  }
}
