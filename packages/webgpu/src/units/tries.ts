import { hasOutlived, isBystander, isDoubtful } from "../device/session.js";
import type { Settings } from "../options.js";

/** Milliseconds beyond the time-out, for what may have been kept waiting by work that was given up. */
const PATIENCE = 30_000;

/** How often some messages were on a device that was lost. */
export class Tries {
  #lost: number;
  /** It outlived the time-out, perhaps for the sake of others. */
  #isDoubted: boolean;

  constructor(lost = 0, isDoubted = false) {
    this.#lost = lost;
    this.#isDoubted = isDoubted;
  }

  copy(): Tries {
    return new Tries(this.#lost, this.#isDoubted);
  }

  /** Milliseconds that the next try may take. */
  timeout({ timeout }: Settings): number {
    return this.#isDoubted ? timeout + PATIENCE : timeout;
  }

  /**
   * What to do once the device was lost: try again, as nobody knows better; find out which of `count` messages outlived the
   * time-out; or fail. A device that is given up for what another batch does counts for nobody else.
   */
  after(error: unknown, count: number, settings: Settings, canReopen: boolean): "again" | "split" | "fail" {
    if (settings.onDeviceLost === "fail" || !canReopen) return "fail";
    if (hasOutlived(error)) {
      if (count > 1) return "split";
      if (this.#isDoubted || !isDoubtful(error)) return "fail";
      this.#isDoubted = true;
      return "again";
    }
    if (isBystander(error)) return "again";
    return ++this.#lost < settings.attempts ? "again" : "fail";
  }
}
