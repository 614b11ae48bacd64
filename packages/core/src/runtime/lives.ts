import { asRinglineError } from "../errors/as-ringline-error.js";
import type { Exit, Incarnation, IncarnationStats } from "../seam/incarnation.js";
import { NO_LATENCY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { Supervisor } from "./supervisor.js";

/** What a kernel does for its incarnations. */
export interface LifeSupport {
  readonly id: string;
  spawn(isActive: boolean): Promise<Incarnation>;
  /** Settles what a lost incarnation had in hand, before the next one begins. */
  recover(exit: Exit): Promise<void>;
  restarting(attempt: number, delay: number): void;
}

const NO_STATS: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY };

/** The incarnations of a launched kernel, one after the other, as its supervision has it. */
export class Lives {
  /** Resolves when an incarnation has ended and none follows. */
  readonly ended: Promise<Exit>;
  readonly #support: LifeSupport;
  readonly #supervisor: Supervisor;
  readonly #clock: Clock;
  #current: Incarnation | undefined;
  #past: IncarnationStats = NO_STATS;
  #isActive = false;
  /** Set once it is asked to end. */
  #stopMode: "cooperative" | "abandon" | undefined;
  #endPause: (() => void) | undefined;
  #end!: (exit: Exit) => void;

  constructor(support: LifeSupport, supervisor: Supervisor, clock: Clock) {
    this.#support = support;
    this.#supervisor = supervisor;
    this.#clock = clock;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get restarts(): number {
    return this.#supervisor.restarts;
  }

  /** Rejects when the first incarnation cannot begin. */
  async begin(): Promise<void> {
    void this.#follow(await this.#support.spawn(this.#isActive));
  }

  async setActive(active: boolean): Promise<void> {
    this.#isActive = active;
    await this.#current?.setActive(active);
  }

  /** As for one incarnation; none follows. */
  async stop(mode: "cooperative" | "abandon"): Promise<void> {
    this.#stopMode = mode;
    this.#endPause?.();
    await this.#current?.stop(mode);
  }

  /** Counts of all incarnations; latencies of the latest that has any. */
  async stats(): Promise<IncarnationStats> {
    return this.#current === undefined ? this.#past : added(this.#past, await this.#current.stats());
  }

  async #follow(incarnation: Incarnation): Promise<void> {
    this.#current = incarnation;
    const exit = await incarnation.exited;
    this.#past = added(this.#past, await incarnation.stats());
    this.#current = undefined;
    const delay = this.#stopMode !== undefined ? undefined : this.#supervisor.restartAfter(exit);
    if (delay === undefined) {
      this.#end(exit);
      return;
    }
    this.#support.restarting(this.restarts, delay);
    await this.#support.recover(exit);
    if (this.#stopMode === undefined) await this.#pause(delay);
    if (this.#stopMode !== undefined) this.#end({ kind: "stopped" });
    else await this.#next();
  }

  async #next(): Promise<void> {
    try {
      const incarnation = await this.#support.spawn(this.#isActive);
      void this.#follow(incarnation);
      if (this.#stopMode !== undefined) await incarnation.stop(this.#stopMode);
      else await incarnation.setActive(this.#isActive);
    } catch (error) {
      this.#end({ kind: "failed", error: asRinglineError(error, { kernelId: this.#support.id }) });
    }
  }

  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delay, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}

function added(past: IncarnationStats, { sent, errors, attempts, processing }: IncarnationStats): IncarnationStats {
  return {
    sent: past.sent + sent,
    errors: past.errors + errors,
    attempts,
    processing: processing.max > 0 ? processing : past.processing,
  };
}
