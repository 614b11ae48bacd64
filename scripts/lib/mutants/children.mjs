import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Milliseconds without any word after which a process computes in an endless loop. */
const SILENCE = 60_000;
/** @type {Set<Child>} */
const living = new Set();
process.on("exit", () => {
  for (const child of living) child.kill();
});

/** A process of tests, in a group of its own: whatever a mutant makes of it, all of it can be ended. */
export class Child {
  #child;
  /** @type {{ resolve: (message: any) => void } | undefined} */
  #waiting;
  /** @type {any[]} */
  #said = [];
  #hasEnded = false;

  /** @param {string} file beside this one @param {readonly string[]} args @param {Record<string, string>} env */
  constructor(file, args, env) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
      env: { ...process.env, ...env },
      // a mutant that takes all memory is to end by itself
      execArgv: ["--max-old-space-size=1024"],
      stdio: ["ignore", "ignore", process.env["RINGLINE_MUTANTS_SHOW"] ? 2 : "ignore", "ipc"],
      detached: process.platform !== "win32",
    });
    living.add(this);
    this.#child.on("message", (message) => this.#hear(message));
    this.#child.on("close", () => {
      this.#hasEnded = true;
      living.delete(this);
      this.kill(); // what it has started
      this.#hear(undefined);
    });
  }

  /** @param {unknown} message */
  #hear(message) {
    const { resolve } = this.#waiting ?? {};
    this.#waiting = undefined;
    if (resolve === undefined) this.#said.push(message);
    else resolve(message);
  }

  /** @param {any} message */
  send(message) {
    if (!this.#hasEnded) this.#child.send(message, () => {});
  }

  /**
   * The next message; undefined when the process has ended or is silent.
   * @param {number} [silence]
   * @returns {Promise<any>}
   */
  async next(silence = SILENCE) {
    if (this.#said.length > 0) return this.#said.shift();
    if (this.#hasEnded) return undefined;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const message = await new Promise((resolve) => {
      this.#waiting = { resolve };
      timer = setTimeout(() => this.#hear(undefined), silence);
    });
    clearTimeout(timer);
    return message;
  }

  kill() {
    const { pid } = this.#child;
    try {
      if (process.platform === "win32") this.#child.kill("SIGKILL");
      else if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // it has ended
    }
  }
}
