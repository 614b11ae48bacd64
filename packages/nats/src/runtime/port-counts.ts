import type { PortSpec } from "@ringline/core/backend";
import {
  type Clock,
  Histogram,
  NO_LATENCY,
  NO_THROUGHPUT,
  type PortStats,
  RateWindow,
  SAMPLE_EVERY,
} from "@ringline/core/internal";

/** Counts of a port since it was opened. */
export class PortCounts {
  accepted = 0;
  received = 0;
  dropped = 0;
  deadLettered = 0;
  rejected = 0;
  requeued = 0;
  readonly #clock: Clock;
  readonly #rate: RateWindow | undefined;
  readonly #wait: Histogram | undefined;
  #done = 0;
  /** The counts at which the clock is read next; -1 for never. */
  #nextLook: number;
  #nextStamp: number;

  constructor({ telemetry }: PortSpec, clock: Clock) {
    this.#clock = clock;
    this.#rate = telemetry && new RateWindow(telemetry.window, clock);
    this.#wait = telemetry && new Histogram();
    this.#nextLook = this.#rate === undefined ? -1 : 1;
    this.#nextStamp = this.#wait === undefined ? -1 : 1;
  }

  /** Time at which the last accepted message starts to wait; 0 for one that is not timed. */
  stamp(): number {
    if (this.accepted !== this.#nextStamp) return 0;
    this.#nextStamp += SAMPLE_EVERY;
    return this.#clock.now();
  }

  /** A message was delivered that has waited since then. */
  waited(stamp: number): void {
    if (stamp !== 0) this.#wait?.record(this.#clock.now() - stamp);
  }

  addDone(): void {
    if (++this.#done === this.#nextLook) this.#nextLook = this.#rate?.record(this.#done) ?? -1;
  }

  stats({ queued, inHand, parked }: { queued: number; inHand: number; parked: number }): PortStats {
    const { accepted, dropped, deadLettered, received, rejected, requeued } = this;
    return {
      ledger: { accepted, queued, inHand, done: this.#done, dropped, deadLettered },
      ...{ received, rejected, requeued, parked },
      throughput: this.#rate?.throughput(this.#done) ?? NO_THROUGHPUT,
      wait: this.#wait?.latency() ?? NO_LATENCY,
    };
  }
}
