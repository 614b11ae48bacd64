import type { Clock } from "../time/clock.js";
import type { Scaling } from "../topologies/plan.js";
import type { RunningStage } from "./build-flow.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { StageLoad } from "./flow-types.js";
import type { InFlightCounter } from "./in-flight-counter.js";

/** Samples for one decision. */
const SAMPLES = 10;
/** A stage grows if its workers were busy for this share of the time, and messages waited for each of them. */
const BUSY = 0.9;
const WAITING = 0.5;
/** A stage shrinks if fewer workers would be busy for less than this share, in so many decisions in a row. */
const IDLE = 0.6;
const PATIENCE = 5;

/**
 * Adapts the number of workers of a stage to its load: by half as many more at a time, and by one less. The stage shrinks
 * later than it grows, and to a number that is far from growing again, so that a steady load leads to a steady number.
 */
export class Autoscaler {
  readonly #stage: RunningStage;
  readonly #scaling: Scaling;
  readonly #counter: InFlightCounter<FlowOrigin>;
  readonly #clock: Clock;
  readonly #scale: (to: number, load: StageLoad) => Promise<void>;
  #samples = 0;
  #busy = 0;
  #waiting = 0;
  #idleFor = 0;
  #isStopped = false;
  #cancel = () => {};

  /** `scale`: resolves when the stage has so many workers, or failed to get them. */
  constructor(
    stage: RunningStage,
    scaling: Scaling,
    counter: InFlightCounter<FlowOrigin>,
    clock: Clock,
    scale: (to: number, load: StageLoad) => Promise<void>,
  ) {
    this.#stage = stage;
    this.#scaling = scaling;
    this.#counter = counter;
    this.#clock = clock;
    this.#scale = scale;
    if (scaling.every !== Number.POSITIVE_INFINITY) this.#continue();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #continue(): void {
    if (!this.#isStopped) this.#cancel = this.#clock.after(this.#scaling.every / SAMPLES, () => this.#sample());
  }

  #sample(): void {
    for (const { node } of this.#stage.kernels) {
      const load = this.#counter.load(node as number);
      if (load > 0) this.#busy++;
      this.#waiting += Math.max(0, load - 1);
    }
    if (++this.#samples < SAMPLES) this.#continue();
    else this.#adapt();
  }

  #adapt(): void {
    const { length } = this.#stage.kernels;
    const of = Math.max(1, SAMPLES * length);
    const load = { utilization: this.#busy / of, waiting: this.#waiting / of };
    this.#samples = this.#busy = this.#waiting = 0;
    const to = this.#decide(length, load);
    if (to === length) {
      this.#continue();
      return;
    }
    this.#idleFor = 0;
    void this.#scale(to, load).then(() => this.#continue());
  }

  #decide(workers: number, { utilization, waiting }: StageLoad): number {
    const { min, max } = this.#scaling;
    const isIdle = workers > min && waiting < WAITING && utilization * workers < IDLE * (workers - 1);
    this.#idleFor = isIdle ? this.#idleFor + 1 : 0;
    if (this.#stage.kernels.some(({ state }) => state !== "active")) return workers; // paused, or failed
    if (utilization >= BUSY && waiting >= WAITING)
      return Math.min(max, Math.max(workers + 1, Math.floor(workers * 1.5)));
    return this.#idleFor >= PATIENCE ? workers - 1 : workers;
  }
}
