import { delayBefore } from "../kernels/backoff.js";
import type { SupervisionPlan } from "../kernels/supervision.js";
import type { Exit } from "../seam/incarnation.js";
import type { Clock } from "../time/clock.js";

/** Decides whether a kernel gets another incarnation, and after which delay. */
export class Supervisor {
  readonly plan: SupervisionPlan;
  readonly #clock: Clock;
  /** Times of restarts within the window. */
  #recent: number[] = [];
  restarts = 0;

  constructor(plan: SupervisionPlan, clock: Clock) {
    this.plan = plan;
    this.#clock = clock;
  }

  /** Milliseconds until the next incarnation; undefined when there is none. */
  restartAfter(exit: Exit): number | undefined {
    const { restart, limit, backoff } = this.plan;
    if (restart === "never" || (restart === "on-failure" && exit.kind !== "failed")) return undefined;
    if (exit.kind === "failed" && exit.isBlameless) {
      this.restarts++;
      return 0;
    }
    const now = this.#clock.now();
    this.#recent = this.#recent.filter((time) => now - time < limit.window);
    if (this.#recent.length >= limit.max) return undefined;
    this.#recent.push(now);
    this.restarts++;
    return delayBefore(this.#recent.length + 1, backoff);
  }
}
