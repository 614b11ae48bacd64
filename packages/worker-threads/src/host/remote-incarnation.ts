import { type Clock, type Exit, type Incarnation, type IncarnationStats, NO_LATENCY } from "@ringline/core/backend";
import type { Endpoint } from "@ringline/remote";

/** Milliseconds that a busy thread gets for what nothing depends on. */
const PATIENCE = 1000;

/** One life of a kernel in a thread, as the host sees it. */
export class RemoteIncarnation implements Incarnation {
  readonly unit: number;
  readonly thread: number;
  readonly exited: Promise<Exit>;
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  /** A thread that does not answer in time is given up. */
  readonly #abandon: (error: Error) => void;
  #exit!: (exit: Exit) => void;
  #isOver = false;
  #stats: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] };

  constructor(unit: number, thread: number, endpoint: Endpoint, clock: Clock, abandon: (error: Error) => void) {
    this.unit = unit;
    this.thread = thread;
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#abandon = abandon;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Its thread says that it has ended, or is lost. */
  end(exit: Exit, stats?: IncarnationStats): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (stats !== undefined) this.#stats = stats;
    this.#exit(exit);
  }

  async setActive(active: boolean): Promise<void> {
    await this.#patiently(this.#call({ k: "setActive", active }));
  }

  async stop(mode: "cooperative" | "abandon"): Promise<void> {
    if (this.#isOver) return;
    const stopped = this.#call({ k: "stop", mode });
    if (mode === "cooperative") return;
    const answered = await this.#patiently(stopped.then(() => true));
    if (answered === undefined && !this.#isOver) this.#abandon(new Error("its kernel did not stop in time"));
    await this.exited;
  }

  async flush(): Promise<void> {
    if (!this.#isOver) await this.#endpoint.calls.make(this.thread, { k: "flush", unit: this.unit }).answer;
  }

  async stats(): Promise<IncarnationStats> {
    if (this.#isOver) return this.#stats;
    const stats = await this.#patiently(this.#call({ k: "unitStats" }));
    if (stats !== undefined && !this.#isOver) this.#stats = stats as IncarnationStats;
    return this.#stats;
  }

  /** Undefined where the thread is lost. */
  async #call(control: { readonly k: string; readonly [field: string]: unknown }): Promise<unknown> {
    if (this.#isOver) return undefined;
    return this.#endpoint.calls.make(this.thread, { ...control, unit: this.unit }).answer.catch(() => undefined);
  }

  /** What comes in time; else undefined. */
  #patiently<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(PATIENCE, () => resolve(undefined));
      promise.then((value) => {
        cancel();
        resolve(value);
      });
    });
  }
}
