import { fileURLToPath } from "node:url";
import type { MessagePort, Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import type { ThreadSettings } from "../options.js";
import type { ThreadSetup } from "../setup.js";

/** More threads than anybody starts: a task never waits for another to end. */
const MOST = 4096;

/** A task of the pool that keeps its thread for as long as it lives. */
export interface HostedTask {
  /** Rejects when the task ended otherwise than by its own end: with the cause, as far as it is known. */
  readonly done: Promise<void>;
  /** Ends the thread, whatever it does. */
  kill(): void;
}

/** The threads of a runtime: each runs one task for its whole life. */
export class Pool {
  readonly #pool: Piscina;

  constructor({ resourceLimits, execArgv }: ThreadSettings) {
    this.#pool = new Piscina({
      filename: fileURLToPath(new URL("./thread-main.js", import.meta.url)),
      minThreads: 0,
      maxThreads: MOST,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: "disabled",
      maxQueue: Number.POSITIVE_INFINITY,
      ...(resourceLimits !== undefined && { resourceLimits }),
      ...(execArgv !== undefined && { execArgv: [...execArgv] }),
    });
    this.#pool.on("error", () => {}); // whoever waits for the thread hears of its end
  }

  run(setup: ThreadSetup, ports: readonly MessagePort[]): HostedTask {
    const controller = new AbortController();
    const done = this.#pool.run(setup, { transferList: ports as never, signal: controller.signal });
    done.catch(() => {});
    return { done, kill: () => controller.abort() };
  }

  worker(threadId: number): Worker | undefined {
    return this.#pool.threads.find((worker) => worker.threadId === threadId);
  }

  async dispose(): Promise<void> {
    await this.#pool.destroy();
  }
}
