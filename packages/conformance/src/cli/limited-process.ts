import { type ChildProcess, fork } from "node:child_process";
import { afterPatience } from "../patience.js";
import { type CaseRange, caseEnvironment } from "./case-environment.js";
import { type CaseEvent, eventIn } from "./case-event.js";

/** The end of a process. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds within which the next event did not arrive, so that the command ended the process. */
  readonly overdue: number | undefined;
}

/** Milliseconds that a process has to dispose the objects of the running case once it is asked to stop. */
const GRACE = 2000;
const hasGroups = process.platform !== "win32";

/** A process of cases that is ended, with its child processes, when its next event takes too long for this machine. */
export class LimitedProcess {
  readonly #child: ChildProcess;
  #cancel = () => {};
  #overdue: number | undefined;

  /** `isQuiet`: the output of the process goes to standard error. */
  constructor(entry: string, args: readonly string[], range: CaseRange, isQuiet: boolean) {
    this.#child = fork(entry, [...args], {
      env: caseEnvironment(range),
      stdio: ["ignore", isQuiet ? 2 : 1, 2, "ipc"],
      detached: hasGroups, // a group of its own: Ctrl-C reaches the command alone, and all of the group can be ended
    });
  }

  /**
   * Resolves when the process has ended. `onEvent` gives the milliseconds of an idle reference machine that the next
   * event may take.
   */
  run(limit: number, onEvent: (event: CaseEvent) => number): Promise<End> {
    this.#expectWithin(limit);
    this.#child.on("message", (message) => {
      const event = eventIn(message);
      if (event !== undefined) this.#expectWithin(onEvent(event));
    });
    return new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#cancel();
        this.kill(); // what it started and left behind
        resolve({ code, signal, overdue: this.#overdue });
      });
    });
  }

  /** Asks the process to end; ends it if that takes too long. */
  stop(): void {
    if (this.#child.connected) this.#child.send("stop", () => {}); // it may have ended meanwhile
    setTimeout(() => this.kill(), GRACE).unref();
  }

  kill(): void {
    try {
      if (hasGroups && this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
      else this.#child.kill("SIGKILL");
    } catch {
      // it has ended
    }
  }

  #expectWithin(limit: number): void {
    this.#cancel();
    this.#cancel = afterPatience(limit, (lasted) => {
      this.#overdue = lasted;
      this.kill();
    });
  }
}
