import { Worker } from "node:worker_threads";
import type { Settings } from "../options.js";
import { type Health, Host, type HostOptions } from "./host.js";

/** Data with which a thread is started. */
export interface ThreadSetup {
  readonly settings: Settings;
  readonly options: HostOptions;
}

/** Messages of the thread. */
export type ThreadEvent =
  | { readonly ready: string }
  | { readonly health: Health }
  | { readonly told: string }
  | { readonly failed: string };
/** Requests to the thread. */
export type ThreadCall = "health" | { readonly grace: number };

/** Health of a thread that has not reported any. */
const NOTHING = {
  ...{ labels: [], isLeaving: false, runtimes: 0, kernels: 0, refusedFrames: 0 },
  ...{ connected: false, since: new Date(0).toISOString(), reason: null },
} as const;
/** Milliseconds after which a thread that ended is replaced. */
const AGAIN = 100;

/** A host on a thread of its own. If the thread ends with an error, a new thread replaces it, as a new host. */
export class ThreadedHost {
  readonly #setup: ThreadSetup;
  readonly #notify: (text: string) => void;
  #worker!: Worker;
  #isLeaving = false;
  #isGone = false;
  #name = "";
  #latest: Health | undefined;
  #handle: ((health: Health) => void)[] = [];

  private constructor(setup: ThreadSetup, tell: (text: string) => void) {
    this.#setup = setup;
    this.#notify = tell;
  }

  /** Starts the thread. Rejects if it fails to start. */
  static async start(setup: ThreadSetup, tell: (text: string) => void): Promise<ThreadedHost> {
    const host = new ThreadedHost(setup, tell);
    await host.#begin();
    return host;
  }

  get name(): string {
    return this.#name;
  }

  /** Health of the thread; its last values if it does not answer within a second. */
  health(): Promise<Health> {
    return new Promise((resolve) => {
      const silent = setTimeout(() => resolve({ ...(this.#latest ?? NOTHING), host: this.#name, isBusy: true }), 1000);
      this.#handle.push((health) => {
        clearTimeout(silent);
        this.#latest = health;
        resolve(health);
      });
      this.#call("health");
    });
  }

  /** Asks the thread to leave; terminates it a second after its grace period. */
  async leave(grace: number): Promise<void> {
    this.#isLeaving = true;
    if (this.#isGone) return; // it ended just now, and is not replaced
    const ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#call({ grace });
    const late = setTimeout(() => void this.#worker.terminate(), grace + 1000);
    await ended;
    clearTimeout(late);
  }

  #call(what: ThreadCall): void {
    this.#worker.postMessage(what);
  }

  #begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isReady = false;
      const worker = new Worker(new URL("./host-thread.js", import.meta.url), { workerData: this.#setup });
      this.#worker = worker;
      this.#isGone = false;
      let cause = "it ended";
      worker.on("error", (error) => {
        cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
      });
      worker.on("message", (said: ThreadEvent) => {
        if ("ready" in said) {
          isReady = true;
          this.#name = said.ready;
          resolve();
        } else if ("health" in said) for (const heard of this.#handle.splice(0)) heard(said.health);
        else if ("told" in said) this.#notify(said.told);
        else cause = said.failed;
      });
      worker.on("exit", () => {
        this.#isGone = true;
        if (!isReady) reject(new Error(cause));
        else if (!this.#isLeaving) this.#restart(cause);
      });
    });
  }

  #restart(cause: string): void {
    this.#notify(`host ${this.#name} is lost, another one takes its place: ${cause}`);
    setTimeout(() => {
      if (!this.#isLeaving) this.#begin().catch((error: Error) => this.#restart(error.message));
    }, AGAIN);
  }
}

/** A host that the command runs, on this thread or another. */
export interface AnyHost {
  readonly name: string;
  health(): Promise<Health>;
  leave(grace: number): Promise<void>;
}

/** Starts the hosts of one process: with `threads` one on each, else one on the event loop of the process. */
export async function startHosts(
  settings: Settings,
  options: HostOptions,
  threads: number,
  tell: (text: string) => void,
): Promise<AnyHost[]> {
  if (threads > 0) {
    return Promise.all(Array.from({ length: threads }, () => ThreadedHost.start({ settings, options }, tell)));
  }
  const host = await Host.start(settings, options, tell);
  return [{ name: host.name, health: async () => host.health, leave: (grace) => host.leave(grace) }];
}
