/** Most turns of the event loop without a message before a thread sleeps: they cost about what being woken costs. */
const LONGEST = 6;

/**
 * Decides how long a thread stays awake when messages have come: some turns of the event loop cost less than being woken,
 * for whoever sends as well. Where they are in vain it waits for one turn and then sleeps.
 */
export class PollingWindow {
  /** Turns that are waited for. */
  #patience = 1;
  #waited = LONGEST;

  /** Called once a turn: whether to look again in the next one. `isBusy`: something came in this one. */
  continues(isBusy: boolean): boolean {
    if (isBusy) {
      // it came while the thread was awake: worth the wait
      if (this.#waited < this.#patience && this.#patience < LONGEST) this.#patience++;
      this.#waited = 0;
      return true;
    }
    if (this.#waited++ < this.#patience) return true;
    if (this.#waited === this.#patience + 1 && this.#patience > 1) this.#patience--;
    return false;
  }
}
