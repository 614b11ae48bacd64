import { isCollateral, isDoubtful, isOverdue } from "../device/session.js";
import type { Settings } from "../options.js";

/** Milliseconds added to the time-out of messages that abandoned work may have delayed. */
const PATIENCE = 30_000;

/** Number of devices lost in a row by some messages. */
export class BatchAttempts {
  #lost: number;
  /** True if the messages exceeded the time-out, perhaps because of other work. */
  #isDoubted: boolean;

  constructor(lost = 0, isDoubted = false) {
    this.#lost = lost;
    this.#isDoubted = isDoubted;
  }

  copy(): BatchAttempts {
    return new BatchAttempts(this.#lost, this.#isDoubted);
  }

  /** Milliseconds that the next attempt may take. */
  timeout({ timeout }: Settings): number {
    return this.#isDoubted ? timeout + PATIENCE : timeout;
  }

  /**
   * Decision after a lost device: try "again"; "split", to find out which of `count` messages exceeded the time-out; or
   * "fail". A device that was abandoned because of another batch counts for that batch only.
   */
  after(error: unknown, count: number, settings: Settings, canReopen: boolean): "again" | "split" | "fail" {
    if (settings.onDeviceLost === "fail" || !canReopen) return "fail";
    if (isOverdue(error)) {
      if (count > 1) return "split";
      if (this.#isDoubted || !isDoubtful(error)) return "fail";
      this.#isDoubted = true;
      return "again";
    }
    if (isCollateral(error)) return "again";
    return ++this.#lost < settings.attempts ? "again" : "fail";
  }
}
