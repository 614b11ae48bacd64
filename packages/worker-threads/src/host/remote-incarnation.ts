import type { Latency } from "@ringline/core";
import type { Incarnation } from "@ringline/core/backend";
import { type Clock, type Exit, type IncarnationStats, NO_LATENCY, type StopMode } from "@ringline/core/internal";
import type { Control, Endpoint } from "@ringline/remote";

/** Milliseconds that a busy thread has to answer a call that nothing depends on. */
const PATIENCE = 500;

/** The host's view of an incarnation in a thread. */
export class RemoteIncarnation implements Incarnation {
  readonly unit: number;
  readonly thread: number;
  readonly exited: Promise<Exit>;
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  /** Terminates the thread if it does not answer in time. */
  readonly #abandon: () => void;
  /** Processing latencies, which outlive the thread. */
  readonly #processing: () => Latency;
  /** True once the kernel's body has started. */
  hasBegun = false;
  #exit!: (exit: Exit) => void;
  #isOver = false;
  #stats: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] };

  constructor(
    unit: number,
    thread: number,
    endpoint: Endpoint,
    clock: Clock,
    abandon: () => void,
    processing: () => Latency,
  ) {
    this.unit = unit;
    this.thread = thread;
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#abandon = abandon;
    this.#processing = processing;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the incarnation: its thread reported the end, or is lost. */
  end(exit: Exit, stats?: IncarnationStats): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (stats !== undefined) this.#stats = stats;
    this.#exit(exit);
  }

  async setActive(active: boolean): Promise<void> {
    await this.#call({ k: "setActive", active });
  }

  async stop(mode: StopMode): Promise<void> {
    if (this.#isOver) return;
    if (mode !== "abandon") {
      this.#endpoint.notify(this.thread, { k: "stop", unit: this.unit, mode });
      return;
    }
    const stopped = await this.#call({ k: "stop", mode });
    if (stopped === undefined && !this.#isOver) this.#abandon();
    await this.exited;
  }

  /** Waits, without a limit, until the body's outputs are sent; ends with the incarnation. */
  async flush(): Promise<void> {
    if (this.#isOver) return;
    const flushed = this.#endpoint.calls.call(this.thread, { k: "flush", unit: this.unit }, "flush", {}, this.#clock);
    await Promise.race([flushed, this.exited]);
  }

  async stats(): Promise<IncarnationStats> {
    const stats = await this.#call<IncarnationStats>({ k: "unitStats" });
    if (stats !== undefined && !this.#isOver) this.#stats = stats;
    return { ...this.#stats, processing: this.#processing() };
  }

  /** Answer of the thread within the time limit; undefined without one, and once the incarnation is over. */
  async #call<T = object>(control: Control): Promise<T | undefined> {
    if (this.#isOver) return undefined;
    const { calls } = this.#endpoint;
    const asked = calls.call(
      this.thread,
      { ...control, unit: this.unit },
      control.k,
      { timeout: PATIENCE },
      this.#clock,
    );
    return asked.then((answer) => (answer ?? {}) as T).catch(() => undefined);
  }
}
