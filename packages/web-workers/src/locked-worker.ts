import type { ThreadSetup, ThreadWorker } from "@ringline/remote";
import type { Begin, WorkerReport } from "./begin.js";
import type { WebWorker } from "./options.js";

/** Number of workers that this page has started. */
let started = 0;

/**
 * A web worker, whose end no event reports: it holds a Web Lock, which the browser passes on when nothing of the worker
 * runs any more.
 */
export class LockedWorker implements ThreadWorker {
  readonly place = `worker ${++started}`;
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #lock = `ringline ${crypto.randomUUID()}`;
  #reason: string | undefined;
  #hasBegun = false;
  #isWatched = false;
  #resolve!: (reason: string) => void;
  origin: string | undefined;

  constructor(create: () => WebWorker, setup: ThreadSetup) {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#worker = create() as Worker;
    this.#worker.addEventListener("message", ({ data }) => this.#told(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault(); // `ended` reports it
      if (!this.#hasBegun) this.end(`it could not begin: ${event.message ?? "its module cannot be loaded"}`);
    });
    const begin: Begin = { setup, lock: this.#lock };
    this.#worker.postMessage(begin, [setup.host.port]);
  }

  get isEnding(): boolean {
    return this.#reason !== undefined;
  }

  end(reason: string): void {
    this.#reason ??= reason;
    this.#worker.terminate();
    this.#watch();
  }

  #told(report: WorkerReport): void {
    if (report === "held") {
      this.#hasBegun = true;
      this.#watch();
    } else this.#reason ??= `${this.#kind()}: ${report.fault}`;
  }

  #kind(): string {
    return this.origin === "unhandledRejection" ? "a rejection that nobody handled" : "an exception that nobody caught";
  }

  /** Waits for the lock, which a worker that was terminated before it began never takes. */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    void navigator.locks.request(this.#lock, () => this.#resolve(this.#reason ?? "it closed itself"));
  }
}
