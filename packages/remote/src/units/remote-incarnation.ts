import type { AnyRinglineError, Latency } from "@ringline/core";
import type { Incarnation, UnitSpec } from "@ringline/core/backend";
import { type Exit, Histogram, type IncarnationStats, NO_LATENCY, type StopMode } from "@ringline/core/internal";
import { errorFromWire, errorToWire, type WireError } from "../codec/error-wire.js";
import { AcceptedOutputs } from "./accepted-outputs.js";

/** Milliseconds that a busy place has to answer a call that nothing depends on. */
const PATIENCE = 1000;
/** Milliseconds that it has to end an abandoned body: the end must be known when its kernel is to have ended. */
const ABANDON = 500;

/** Figures of an incarnation, as they are sent. */
export interface WireStats extends IncarnationStats {
  /** Processing times of this incarnation, from `toList` of their histogram. */
  readonly times: readonly number[];
}

/** The end of an incarnation, as it is sent. */
export interface WireExit {
  readonly kind: Exit["kind"];
  readonly error: WireError | undefined;
  readonly stats: WireStats;
}

/** Encodes the figures of an incarnation, whose processing times are in this histogram, if the runtime cannot read them. */
export async function statsToWire(incarnation: Incarnation, processing?: Histogram): Promise<WireStats> {
  return { ...(await incarnation.stats()), times: processing?.toList() ?? [] };
}

/** Encodes the end of an incarnation, once it has ended. */
export async function exitToWire(incarnation: Incarnation, processing?: Histogram): Promise<WireExit> {
  const exit = await incarnation.exited;
  const stats = await statsToWire(incarnation, processing);
  const error = exit.kind === "failed" ? exit.error : exit.kind === "stopped" ? exit.unfinished : undefined;
  return { kind: exit.kind, error: error && errorToWire(error), stats };
}

/** Handlers at the place for the calls of a `RemoteIncarnation`, by kind. `processing`: as for `statsToWire`. */
export function callsOf(
  incarnation: Incarnation,
  processing?: Histogram,
): Readonly<Record<string, (control: never) => Promise<unknown>>> {
  return {
    setActive: ({ active }: { active: boolean }) => incarnation.setActive(active),
    stop: ({ mode }: { mode: StopMode }) => incarnation.stop(mode),
    flush: () => incarnation.flush(),
    stats: () => statsToWire(incarnation, processing),
  };
}

/** The runtime's view of an incarnation that runs elsewhere. Its place answers with the handlers of `callsOf`. */
export class RemoteIncarnation implements Incarnation {
  readonly spec: UnitSpec;
  readonly exited: Promise<Exit>;
  /** Calls the place; its answer, or undefined if it is late or there is none. */
  protected readonly ask: (k: string, given?: object) => Promise<unknown>;
  readonly #call: (k: string, given: object) => Promise<unknown>;
  #exit!: (exit: Exit) => void;
  #isOver = false;
  /** The latest counts that are known. */
  protected known: Partial<WireStats> & IncarnationStats = {
    ...{ sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] },
  };
  /** Outputs that the runtime has accepted. */
  readonly sent: AcceptedOutputs;

  /**
   * `call`: calls the place with a control of the kind `k`, one of `callsOf`, and these fields. `patience`: milliseconds
   * that the place has to answer; default 1000.
   */
  constructor(spec: UnitSpec, call: (k: string, given: object) => Promise<unknown>, patience = PATIENCE) {
    this.spec = spec;
    this.sent = new AcceptedOutputs(spec);
    this.#call = call;
    this.ask = (k, given = {}) => patiently(call(k, given), patience);
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async setActive(active: boolean): Promise<void> {
    if (!this.#isOver) await this.ask("setActive", { active });
  }

  async stop(mode: StopMode): Promise<void> {
    if (this.#isOver) return;
    const stopped = this.ask("stop", { mode });
    if (mode === "abandon") await this.abandoned(stopped);
  }

  /** Ends the incarnation, which was told to stop, if its place does not answer: its later reports are ignored. */
  protected async abandoned(stopped: Promise<unknown>): Promise<void> {
    await patiently(
      stopped.then(() => this.exited),
      ABANDON,
    );
    this.end({ kind: "stopped" });
  }

  /** Waits, without a limit, until the body's outputs are sent; ends with the incarnation. */
  async flush(): Promise<void> {
    if (!this.#isOver) await Promise.race([this.#call("flush", {}), this.exited]);
  }

  async stats(): Promise<IncarnationStats> {
    if (!this.#isOver) {
      const stats = (await this.ask("stats")) as WireStats | undefined;
      if (stats !== undefined && !this.#isOver) this.known = stats;
    }
    const { times, ...stats } = this.known;
    return { ...stats, sent: this.sent.count + (stats.answers ?? 0), processing: this.#processing(times ?? []) };
  }

  /** Latency of all incarnations; that of the present one is added for good at its end. */
  #processing(times: readonly number[]): Latency {
    const past = this.spec.processing ?? new Histogram();
    if (this.#isOver || times.length === 0) return past.latency();
    const all = new Histogram();
    all.add(past.toList());
    all.add(times);
    return all.latency();
  }

  /** Handles the report of its place that the incarnation has ended. */
  hasExited({ kind, error, stats }: WireExit): void {
    if (!this.#isOver) this.known = stats;
    const cause = error && errorFromWire(error);
    if (cause === undefined) this.end({ kind: kind === "stopped" ? kind : "returned" });
    else this.end(kind === "failed" ? { kind, error: cause } : { kind: "stopped", unfinished: cause });
  }

  /** Handles the loss of its place. `isBlameless`: the incarnation did not cause the loss. */
  lost(error: AnyRinglineError, isBlameless = false): void {
    if (this.#isOver) return;
    this.known = { ...this.known, errors: this.known.errors + 1, waits: [] };
    this.spec.reports.error(error, undefined);
    this.end({ kind: "failed", error, isBlameless });
  }

  end(exit: Exit): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.spec.processing?.add(this.known.times ?? []);
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
