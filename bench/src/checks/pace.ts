import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two handfuls; finer than that timers do not keep. */
const TICK = 10;
/** Milliseconds of delay, by a late timer or a full queue, that are caught up at most. */
const BACKLOG = 100;

/** Keeps a loop to a rate by the clock. */
export class Pace {
  private readonly started = performance.now();
  private given = 0;

  /** `perSecond`: pieces of work. */
  constructor(private readonly perSecond: number) {}

  /** Waits until pieces are due and gives how many; rejects when the signal aborts. */
  async next(signal: AbortSignal): Promise<number> {
    for (;;) {
      const owed = ((performance.now() - this.started) / 1000) * this.perSecond - this.given;
      const most = (BACKLOG / 1000) * this.perSecond;
      if (owed > most) this.given += owed - most;
      const due = Math.floor(Math.min(owed, most));
      this.given += due;
      if (due > 0) return due;
      await sleep(TICK, undefined, { signal });
    }
  }
}
