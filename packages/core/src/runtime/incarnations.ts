import {
  type AnyRinglineError,
  asRinglineError,
  errors,
  isRinglineError,
  type RinglineError,
} from "../errors/ringline-error.js";
import { delayBefore, type SupervisionPlan } from "../kernels/supervision.js";
import type { Exit, Incarnation, IncarnationStats, Start } from "../seam/incarnation.js";
import type { Port } from "../seam/port.js";
import { type DeviceTelemetry, type KernelTelemetry, NO_LATENCY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import { ABORTED, LazyController, settlesBefore, unlessAborted } from "../time/on-abort.js";

/** The services of a kernel that its incarnations use. */
export interface IncarnationSupport {
  readonly id: string;
  /** Starts an incarnation. Rejects if it cannot begin, and once the signal aborts. */
  spawn(isActive: boolean, start: Start): Promise<Incarnation>;
  /**
   * Settles the messages that an incarnation left in flight, before the next one begins. `exit`: undefined after a
   * requested restart.
   */
  recover(exit: Exit | undefined): Promise<void>;
  /** Reports a restart. `exit`: its reason. */
  restarting(attempt: number, delay: number, exit: Exit): void;
  /** Reports that an incarnation could not begin. */
  failed(error: AnyRinglineError): void;
}

/** A replacement of the current incarnation, whatever the supervision says. */
export interface Replacement {
  /** Milliseconds that the messages in flight have to finish; then they are redelivered. */
  readonly limit: number;
  /** A relocation; undefined: the next incarnation starts where the last one was. */
  readonly relocation?: {
    /** Starts the next incarnation elsewhere. If it rejects, the next one starts where the last one was. */
    readonly spawn: IncarnationSupport["spawn"];
    /** Called once: the next incarnation runs elsewhere or, with an error, it does not. */
    over(error?: AnyRinglineError): void;
  };
}

type Failure = Extract<Exit, { readonly kind: "failed" }>;

/** Milliseconds that a body which was told to end has, before it is abandoned. */
const RELEASE_TIME = 900;
const NO_STATS: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] };
const STOPPED: Exit = { kind: "stopped" };

/** Runs the incarnations of a launched kernel, one after the other, according to its supervision. */
export class Incarnations {
  /** Resolves when an incarnation has ended and none follows. */
  readonly ended: Promise<Exit>;
  readonly #support: IncarnationSupport;
  readonly #supervisor: Supervisor;
  readonly #clock: Clock;
  #current: Incarnation | undefined;
  #past: IncarnationStats = NO_STATS;
  #isActive = false;
  /**
   * Aborts once the kernel is told to end: recovery and backoff are no longer awaited, and a place hurries with a
   * start.
   */
  readonly #stopping = new LazyController();
  /** Aborts when the time that the kernel has to end is over: a start is no longer awaited either. */
  readonly #abandoning = new LazyController();
  /** Set while the current incarnation is to be replaced by another. */
  #replacement: Replacement | undefined;
  #requestedRestarts = 0;
  #end!: (exit: Exit) => void;

  constructor(support: IncarnationSupport, supervisor: Supervisor, clock: Clock) {
    this.#support = support;
    this.#supervisor = supervisor;
    this.#clock = clock;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get restarts(): number {
    return this.#supervisor.restarts + this.#requestedRestarts;
  }

  /** Place of the current incarnation; null in the thread of the runtime, and if none runs. */
  get place(): string | null {
    return this.#current?.place ?? null;
  }

  /** Starts the first incarnation. Rejects if it cannot begin; a failure caused by another kernel is retried. */
  async begin(signal: AbortSignal): Promise<void> {
    for (;;) {
      const begun = await this.#start(this.#support.spawn, { isRestart: false, signal }, signal);
      if (isIncarnation(begun)) return void this.#follow(begun);
      if (!begun.isBlameless) throw begun.error;
    }
  }

  /** Applies another policy from now on. */
  supervise(plan: SupervisionPlan): void {
    this.#supervisor.plan = plan;
  }

  async setActive(active: boolean): Promise<void> {
    this.#isActive = active;
    await this.#current?.setActive(active);
  }

  /** Stops the current incarnation, in the modes of `Incarnation.stop`; no other follows. */
  async stop(mode: "cooperative" | "abandon"): Promise<void> {
    this.#stopping.abort(() => ABORTED);
    if (mode === "abandon") this.#abandoning.abort(() => ABORTED);
    await this.#current?.stop(mode);
  }

  /** Marks the kernel as ended without an exit report of its place. */
  abandon(): void {
    this.#end(STOPPED);
  }

  /**
   * Replaces the current incarnation; one that is about to start is replaced once it runs. Returns false if that is under
   * way already, or if the kernel is about to end.
   */
  replace(by: Replacement): boolean {
    const isUnderWay = this.#replacement !== undefined;
    if (this.#stopping.aborted || (isUnderWay && by.relocation === undefined)) return false;
    this.#replacement = by;
    if (!isUnderWay && this.#current !== undefined) void this.#finish(this.#current, by);
    return true;
  }

  async #finish(current: Incarnation, { limit, relocation }: Replacement): Promise<void> {
    // a relocation is no failure: outputs that wait for room are sent, as long as the time allows
    const isMoved = relocation !== undefined;
    const end = () => void current.stop(isMoved ? "cooperative" : "abandon");
    const cancel = this.#clock.after(limit, end);
    const abandon = this.#clock.after(limit + RELEASE_TIME, () => void current.stop("abandon"));
    await current.stop(isMoved ? "finish" : "cooperative");
    await current.exited;
    cancel();
    abandon();
  }

  /** Runs the flush callbacks of the current incarnation. */
  async flush(): Promise<void> {
    await this.#current?.flush();
  }

  /** Counts of all incarnations; latencies of the latest that has any. */
  async stats(): Promise<IncarnationStats> {
    return this.#current === undefined ? this.#past : added(this.#past, await this.#current.stats());
  }

  async #follow(first: Incarnation): Promise<void> {
    let exit = await this.#run(first);
    while (!this.#stopping.aborted) {
      const { signal } = this.#stopping;
      const isRenewed = this.#replacement !== undefined && exit.kind !== "failed";
      const isRelocated = isRenewed && this.#replacement?.relocation !== undefined;
      const delay = isRelocated ? 0 : isRenewed ? this.#requestRestart() : this.#supervisor.restartAfter(exit);
      if (delay === undefined) break;
      if (!isRelocated) this.#support.restarting(this.restarts, delay, exit);
      await settlesBefore(this.#support.recover(isRenewed ? undefined : exit), signal);
      if (!isRenewed) await this.#pause(delay);
      exit = signal.aborted ? STOPPED : await this.#next(signal);
    }
    const { id } = this.#support;
    const error = exit.kind === "failed" ? exit.error : new errors.TERMINATED({ operation: "move" }, { kernelId: id });
    this.#replacement?.relocation?.over(error);
    this.#end(exit);
  }

  /** Starts the next incarnation, elsewhere if that is asked for and possible, and runs it. */
  async #next(signal: AbortSignal): Promise<Exit> {
    const relocation = this.#replacement?.relocation;
    this.#replacement = undefined;
    if (relocation === undefined) return this.#restart(signal);
    const begun = await this.#start(relocation.spawn, { isRestart: false, signal }, this.#abandoning.signal);
    if (!isIncarnation(begun)) {
      relocation.over(begun.error);
      return signal.aborted ? STOPPED : this.#restart(signal);
    }
    relocation.over();
    return this.#runUnlessStopped(begun, signal);
  }

  #requestRestart(): number {
    this.#requestedRestarts++;
    return 0;
  }

  /** Starts the next incarnation and runs it; a failed start counts as its exit. */
  async #restart(signal: AbortSignal): Promise<Exit> {
    const begun = await this.#start(this.#support.spawn, { isRestart: true, signal }, this.#abandoning.signal);
    if (isIncarnation(begun)) return this.#runUnlessStopped(begun, signal);
    if (signal.aborted) return STOPPED;
    this.#support.failed(begun.error);
    return begun;
  }

  #runUnlessStopped(begun: Incarnation, signal: AbortSignal): Promise<Exit> {
    if (signal.aborted) void begun.stop(this.#abandoning.aborted ? "abandon" : "cooperative");
    return this.#run(begun);
  }

  /** `over`: aborts when the start is no longer awaited. */
  async #start(spawn: IncarnationSupport["spawn"], start: Start, over: AbortSignal): Promise<Incarnation | Failure> {
    const isActive = this.#isActive;
    const { id } = this.#support;
    try {
      const spawned = spawn(isActive, start);
      const begun = await unlessAborted(spawned, over, (late) => void late.stop("abandon"));
      if (isActive !== this.#isActive) await begun.setActive(this.#isActive);
      return begun;
    } catch (thrown) {
      const error = asRinglineError(thrown, { kernelId: id });
      return { kind: "failed", error, isBlameless: isRinglineError(error, "THREAD_LOST") && isBlameless(id, error) };
    }
  }

  async #run(incarnation: Incarnation): Promise<Exit> {
    this.#current = incarnation;
    if (this.#replacement !== undefined) void this.#finish(incarnation, this.#replacement);
    const exit = await incarnation.exited;
    this.#past = added(this.#past, await incarnation.stats());
    this.#current = undefined;
    return exit;
  }

  async #pause(delay: number): Promise<void> {
    let cancel = () => {};
    const over = new Promise<void>((resolve) => {
      cancel = this.#clock.after(delay, resolve);
    });
    await settlesBefore(over, this.#stopping.signal);
    cancel();
  }
}

const isIncarnation = (begun: Incarnation | Failure): begun is Incarnation => !("kind" in begun);

/** True if another kernel is suspected of having ended the thread. */
function isBlameless(kernelId: string, { details }: RinglineError<"THREAD_LOST">): boolean {
  return details.suspects.length > 0 && !details.suspects.includes(kernelId);
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

/** Decides whether a kernel gets another incarnation, and after which delay. */
export class Supervisor {
  plan: SupervisionPlan;
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

/** Combines the counts of a kernel's ports and incarnations. */
export async function telemetryOf(
  kernelId: string,
  inputPort: Port,
  outputPort: Port,
  incarnations: Pick<Incarnations, "stats" | "restarts">,
): Promise<KernelTelemetry> {
  const [input, output, { sent, errors, processing, device, thread }] = await Promise.all([
    inputPort.stats(),
    outputPort.stats(),
    incarnations.stats(),
  ]);
  return {
    kernelId,
    asOf: Date.now(),
    received: input.received,
    processed: input.ledger.done,
    sent,
    dropped: input.ledger.dropped,
    rejected: input.rejected,
    deadLettered: input.ledger.deadLettered,
    requeued: input.requeued,
    errors,
    restarts: incarnations.restarts,
    ledger: { input: input.ledger, output: output.ledger },
    throughput: input.throughput,
    wait: input.wait,
    processing,
    ...(device !== undefined && { device }),
    ...(thread !== undefined && { thread }),
  };
}
