import type { AnyRinglineError } from "@ringline/core";
import type { Incarnation, UnitSpec } from "@ringline/core/backend";
import { type Exit, type IncarnationStats, NO_LATENCY, type StopMode } from "@ringline/core/internal";
import { errorFromWire, errorToWire, type WireError } from "../codec/error-wire.js";

/** Milliseconds that a busy place has to answer a call that nothing depends on. */
const PATIENCE = 1000;

/** The end of an incarnation, as it is sent. */
export interface WireExit {
  readonly kind: Exit["kind"];
  readonly error: WireError | undefined;
  readonly stats: IncarnationStats;
}

/** Encodes the end of an incarnation, once it has ended. */
export async function exitToWire(incarnation: Incarnation): Promise<WireExit> {
  const exit = await incarnation.exited;
  const stats = await incarnation.stats();
  const error = exit.kind === "failed" ? exit.error : exit.kind === "stopped" ? exit.unfinished : undefined;
  return { kind: exit.kind, error: error && errorToWire(error), stats };
}

/** The runtime's view of an incarnation that runs elsewhere. */
export class RemoteIncarnation implements Incarnation {
  readonly spec: UnitSpec;
  readonly exited: Promise<Exit>;
  readonly #call: (k: string, given: object) => Promise<unknown>;
  #exit!: (exit: Exit) => void;
  #isOver = false;
  #stats: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] };

  constructor(spec: UnitSpec, ask: (k: string, given: object) => Promise<unknown>) {
    this.spec = spec;
    this.#call = ask;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async setActive(active: boolean): Promise<void> {
    await patiently(this.#call("setActive", { active }));
  }

  async stop(mode: StopMode): Promise<void> {
    if (this.#isOver) return;
    const stopped = this.#call("stop", { mode });
    stopped.catch(() => {});
    if (mode !== "abandon") return;
    await patiently(stopped.then(() => this.exited));
    this.end({ kind: "stopped" }); // if there was no answer: later reports are ignored
  }

  async flush(): Promise<void> {
    if (!this.#isOver) await this.#call("flush", {});
  }

  async stats(): Promise<IncarnationStats> {
    if (!this.#isOver) {
      const stats = (await patiently(this.#call("stats", {}))) as IncarnationStats | undefined;
      if (stats !== undefined && !this.#isOver) this.#stats = stats;
    }
    return this.#stats;
  }

  /** Handles the report of its place that the incarnation has ended. */
  hasExited({ kind, error, stats }: WireExit): void {
    this.#stats = stats;
    const cause = error && errorFromWire(error);
    if (cause === undefined) this.end({ kind: kind === "stopped" ? kind : "returned" });
    else this.end(kind === "failed" ? { kind, error: cause } : { kind: "stopped", unfinished: cause });
  }

  /** Handles the loss of its place. `isBlameless`: the incarnation did not cause the loss. */
  lost(error: AnyRinglineError, isBlameless = false): void {
    if (this.#isOver) return;
    this.#stats = { ...this.#stats, errors: this.#stats.errors + 1, waits: [] };
    this.spec.reports.error(error, undefined);
    this.end({ kind: "failed", error, isBlameless });
  }

  end(exit: Exit): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.ended();
    this.#exit(exit);
  }

  /** Called once, before `exited` resolves. */
  protected ended(): void {}
}

/** Result of a promise within the time limit; undefined otherwise. */
export function patiently(promise: Promise<unknown>, timeout = PATIENCE): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeout);
    const end = (value: unknown) => {
      clearTimeout(timer);
      resolve(value);
    };
    promise.then(end, () => end(undefined));
  });
}
