import { asRinglineError } from "../errors/as-ringline-error.js";
import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Exit, Incarnation, IncarnationStats } from "../seam/incarnation.js";
import { type DeviceTelemetry, NO_LATENCY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { Supervisor } from "./supervisor.js";

/** What a kernel does for its incarnations. */
export interface LifeSupport {
  readonly id: string;
  /** `again`: of all but the first; aborted when nobody waits for it any more. */
  spawn(isActive: boolean, again: AbortSignal | undefined): Promise<Incarnation>;
  /** Settles what a lost incarnation had in hand, before the next one begins. `exit`: undefined where it was renewed. */
  recover(exit: Exit | undefined): Promise<void>;
  /** `exit`: why. */
  restarting(attempt: number, delay: number, exit: Exit): void;
  /** A next incarnation could not begin. */
  failed(error: AnyRinglineError): void;
}

const NO_STATS: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] };

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
  /** True when the incarnation that runs now has to make room for another. */
  #isRenewed = false;
  #renewals = 0;
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
    return this.#supervisor.restarts + this.#renewals;
  }

  /** Rejects when the first incarnation cannot begin. */
  async begin(): Promise<void> {
    void this.#follow(await this.#support.spawn(this.#isActive, undefined));
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

  /**
   * Asks the incarnation that runs now to end, and begins another one, whatever the supervision says. What it still has
   * in hand, at the latest when `limit` is over, is delivered again. False where none runs, or it is about to end.
   */
  renew(limit: number): boolean {
    const current = this.#current;
    if (current === undefined || this.#isRenewed || this.#stopMode !== undefined) return false;
    this.#isRenewed = true;
    void this.#replace(current, limit);
    return true;
  }

  async #replace(current: Incarnation, limit: number): Promise<void> {
    const cancel = this.#clock.after(limit, () => void current.stop("abandon"));
    await current.stop("cooperative");
    await current.exited;
    cancel();
  }

  /** Lets the incarnation that runs now send what it keeps back. */
  async flush(): Promise<void> {
    await this.#current?.flush();
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
    const isRenewed = this.#isRenewed;
    this.#isRenewed = false;
    if (isRenewed && this.#stopMode === undefined && exit.kind !== "failed") return this.#renew();
    const delay = this.#stopMode !== undefined ? undefined : this.#supervisor.restartAfter(exit);
    if (delay === undefined) {
      this.#end(exit);
      return;
    }
    this.#support.restarting(this.restarts, delay, exit);
    await this.#support.recover(exit);
    if (this.#stopMode === undefined) await this.#pause(delay);
    if (this.#stopMode !== undefined) this.#end({ kind: "stopped" });
    else await this.#next();
  }

  async #renew(): Promise<void> {
    this.#renewals++;
    this.#support.restarting(this.restarts, 0, { kind: "stopped" });
    await this.#support.recover(undefined);
    if (this.#stopMode !== undefined) this.#end({ kind: "stopped" });
    else await this.#next();
  }

  async #next(): Promise<void> {
    const waiting = new AbortController();
    this.#endPause = () => waiting.abort();
    try {
      const incarnation = await this.#support.spawn(this.#isActive, waiting.signal);
      void this.#follow(incarnation);
      if (this.#stopMode !== undefined) await incarnation.stop(this.#stopMode);
      else await incarnation.setActive(this.#isActive);
    } catch (thrown) {
      if (waiting.signal.aborted) return this.#end({ kind: "stopped" });
      const error = asRinglineError(thrown, { kernelId: this.#support.id });
      this.#support.failed(error);
      this.#end({ kind: "failed", error });
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

function added(
  past: IncarnationStats,
  { sent, errors, attempts, processing, thread, waits, device }: IncarnationStats,
): IncarnationStats {
  return {
    sent: past.sent + sent,
    errors: past.errors + errors,
    attempts,
    processing: processing.max > 0 ? processing : past.processing,
    thread,
    waits,
    device: device && addedOnDevice(past.device, device),
  };
}

function addedOnDevice(past: DeviceTelemetry | undefined, now: DeviceTelemetry): DeviceTelemetry {
  if (past === undefined) return now;
  const sum: { -readonly [Name in keyof DeviceTelemetry]: DeviceTelemetry[Name] } = { ...now };
  for (const name of SUMMED) sum[name] += past[name];
  if (now.inner !== undefined) {
    sum.inner = now.inner.map(({ received, sent, stalls }, stage) => ({
      received: received + (past.inner?.[stage]?.received ?? 0),
      sent: sent + (past.inner?.[stage]?.sent ?? 0),
      stalls: stalls + (past.inner?.[stage]?.stalls ?? 0),
    }));
  }
  if (now.deviceTime !== null) sum.deviceTime = now.deviceTime + (past.deviceTime ?? 0);
  return sum;
}

const SUMMED = ["batches", "dispatches", "submits", "readbacks", "bytesUp", "bytesDown", "repeated"] as const;
