import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { errors } from "@ringline/core";
import type { ThreadSetup, ThreadWorker } from "@ringline/remote";
import type { Piscina } from "piscina";
import type { NodeSettings } from "./options.js";

/** URL of this module; empty in a CommonJS bundle. */
const HERE: string | undefined = import.meta.url;
/** Resolves core to the one file with all that threads need of it: see `exports` in its package.json. */
const LIGHT_CORE = ["--conditions=ringline-thread"];
const LEAVE_OUT =
  "Leave @ringline/worker-threads out of the bundle (external), with @ringline/core and piscina: its threads start from files of its package. The page Install of the docs has the lines for each bundler.";

/**
 * The worker of one thread, available from its creation. Each has a pool of its own: a pool assigns tasks to its
 * workers in any order, and does not reject the task of a worker that ends before it is ready.
 */
export class PooledWorker implements ThreadWorker {
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  /** Reason for ending the thread. */
  #reason: string | undefined;
  origin: string | undefined;

  /** Throws the error of Node for invalid options, and `BACKEND_UNAVAILABLE` in a bundle. */
  constructor(settings: NodeSettings, setup: ThreadSetup) {
    const { worker, halted } = begin(settings, setup);
    this.#worker = worker;
    halted.then(
      () => this.end("it was halted"),
      (error) => {
        failure = error;
        void this.#worker.terminate();
      },
    );
    // the pool rejects with an uncaught exception of a thread that runs, too: `thrown` tells it from a failed begin
    let failure: unknown;
    let thrown: unknown;
    this.#worker.once("error", (error) => {
      thrown = error;
    });
    this.ended = new Promise((resolve) => {
      this.#worker.once("exit", (code) => resolve(this.#reason ?? this.#inWords(code, thrown, failure)));
    });
  }

  /** By the number of the thread in Node. */
  get place(): string {
    return `thread ${this.#worker.threadId}`;
  }

  end(reason: string): void {
    this.#reason ??= reason;
    void this.#worker.terminate();
  }

  get isEnding(): boolean {
    return this.#reason !== undefined;
  }

  #inWords(code: number, thrown: unknown, failure: unknown): string {
    if (thrown === undefined) {
      if (failure === undefined) return `it exited with code ${code}`;
      return `it could not begin: ${failure instanceof Error ? failure.message : String(failure)}`;
    }
    if ((thrown as { code?: unknown }).code === "ERR_WORKER_OUT_OF_MEMORY") {
      return `it reached the limit of its memory, see \`resourceLimits\` (${(thrown as Error).message})`;
    }
    const what =
      this.origin === "unhandledRejection" ? "a rejection that nobody handled" : "an exception that nobody caught";
    return `${what}: ${(thrown as Error).stack ?? String(thrown)}`;
  }
}

/** Starts the worker; with options of this process that no worker takes of its own, one that inherits them. */
function begin({ resourceLimits, execArgv }: NodeSettings, setup: ThreadSetup) {
  const filename = entryFile();
  const pooled = (options: readonly string[] | undefined) => {
    const pool = new (piscina())({
      filename,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: "disabled",
      ...(resourceLimits !== undefined && { resourceLimits }),
      ...(options !== undefined && { execArgv: [...options] }),
    });
    pool.on("error", () => {}); // `ended` reports it
    const halted = pool.run(setup, { transferList: [setup.host.port] as never });
    return { worker: pool.threads[0] as Worker, halted };
  };
  try {
    return pooled([...(execArgv ?? process.execArgv), ...LIGHT_CORE]);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_WORKER_INVALID_EXEC_ARGV") throw error;
    return pooled(execArgv);
  }
}

/** The entry file of threads. Throws `BACKEND_UNAVAILABLE` if it is not next to this file. */
function entryFile(): string {
  const file = HERE === undefined ? undefined : fileURLToPath(new URL("./thread-entry.cjs", HERE));
  if (file !== undefined && existsSync(file)) return file;
  const cause = new Error(`The file that threads start with is not at ${file}.`);
  throw new errors.BACKEND_UNAVAILABLE({ backend: "worker-threads" }, { cause, remedy: LEAVE_OUT });
}

/** Loads Piscina by a `require` that bundlers do not see: it finds its own files next to itself. */
function piscina(): typeof Piscina {
  return (createRequire(HERE as string)("piscina") as { Piscina: typeof Piscina }).Piscina;
}
