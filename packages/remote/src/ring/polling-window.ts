/** Maximum number of idle event loop turns before a thread sleeps: they cost about as much as a wake-up. */
const LONGEST = 6;

/**
 * Polling window: how many event loop turns a thread stays awake after messages. A few turns cost less than a wake-up,
 * for senders as well. Turns without messages shrink the window to one turn.
 */
export class PollingWindow {
  /** Current length of the window, in turns. */
  #patience = 1;
  #waited = LONGEST;

  /** Called once a turn: true to poll again in the next one. `isBusy`: messages arrived in this turn. */
  continues(isBusy: boolean): boolean {
    if (isBusy) {
      // messages arrived within the window: extend it
      if (this.#waited < this.#patience && this.#patience < LONGEST) this.#patience++;
      this.#waited = 0;
      return true;
    }
    if (this.#waited++ < this.#patience) return true;
    if (this.#waited === this.#patience + 1 && this.#patience > 1) this.#patience--;
    return false;
  }
}
