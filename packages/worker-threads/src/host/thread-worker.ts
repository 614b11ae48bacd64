import { fileURLToPath } from "node:url";
import type { MessagePort, Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import type { ThreadSettings } from "../options.js";
import type { ThreadSetup } from "../setup.js";

const MAIN = new URL("./thread-main.js", import.meta.url);

/**
 * The worker of one thread, known from its creation on. Each has a pool of its own: a pool gives the workers that it creates to
 * tasks in any order, and does not reject the task of a worker that ends before it is ready.
 */
export class ThreadWorker {
  /** Resolves with the reason, in words, when the thread has ended, whatever ended it. Never rejects. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  /** Reason for ending the thread. */
  #reason: string | undefined;
  /** Origin of an exception that nobody caught there: "uncaughtException" or "unhandledRejection". */
  origin: string | undefined;

  /** Throws what Node throws for options that it does not take. */
  constructor({ resourceLimits, execArgv }: ThreadSettings, setup: ThreadSetup, ports: readonly MessagePort[]) {
    const pool = new Piscina({
      filename: fileURLToPath(MAIN),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: "disabled",
      ...(resourceLimits !== undefined && { resourceLimits }),
      ...(execArgv !== undefined && { execArgv: [...execArgv] }),
    });
    pool.on("error", () => {}); // `ended` tells
    const halted = pool.run(setup, { transferList: ports as never });
    this.#worker = pool.threads[0] as Worker;
    halted.then(
      () => this.end("it was halted"),
      () => {},
    );
    let thrown: unknown;
    this.#worker.once("error", (error) => {
      thrown = error;
    });
    this.ended = new Promise((resolve) => {
      this.#worker.once("exit", (code) => resolve(this.#reason ?? this.#inWords(code, thrown)));
    });
  }

  /** Ends the thread at once, whatever it does. */
  end(reason: string): void {
    this.#reason ??= reason;
    void this.#worker.terminate();
  }

  /** True once it is made to end. */
  get isEnding(): boolean {
    return this.#reason !== undefined;
  }

  #inWords(code: number, thrown: unknown): string {
    if (thrown === undefined) return `it exited with code ${code}`;
    if ((thrown as { code?: unknown }).code === "ERR_WORKER_OUT_OF_MEMORY") {
      return `it reached the limit of its memory, see \`resourceLimits\` (${(thrown as Error).message})`;
    }
    const what =
      this.origin === "unhandledRejection" ? "a rejection that nobody handled" : "an exception that nobody caught";
    return `${what}: ${(thrown as Error).stack ?? String(thrown)}`;
  }
}
