import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import type { Subject } from "../subject.js";

/** The main thread and the others on one core, or on two. */
export type Pinning = "together" | "apart";

/** Ids of the threads of this process; only Linux tells. */
function threads(): readonly string[] {
  return readdirSync("/proc/self/task");
}

function pin(thread: string, cores: string): void {
  execFileSync("taskset", ["-cp", cores, thread], { stdio: "ignore" });
}

let known: readonly string[] | undefined;

/** Cores that this process may use, by number: as it was before anything was put anywhere. */
function coresHere(): readonly string[] {
  known ??= allowedCores();
  return known;
}

function allowedCores(): readonly string[] {
  const text = execFileSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });
  const list = text.slice(text.lastIndexOf(":") + 1).trim();
  return list.split(",").flatMap((range) => {
    const [from, to = from] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: (to as number) - from + 1 }, (_, i) => String(from + i));
  });
}

/**
 * A subject whose threads stay where they are put: the scheduler decides by chance otherwise, and two equal lines differ
 * by several times. Its main thread goes back to all cores when the line is closed. Where threads cannot be put anywhere
 * (no Linux, no `taskset`, one core for "apart") the subject does not open.
 */
export function pinnedTo(how: Pinning, subject: Subject): Subject {
  return {
    ...subject,
    async open(stages) {
      if (process.platform !== "linux") throw new Error("threads can be pinned on Linux only");
      const all = coresHere();
      if (how === "apart" && all.length < 2) throw new Error("there is one core only");
      const [near, far] = [all[0] as string, (how === "apart" ? all[1] : all[0]) as string];
      const before = new Set(threads());
      const line = await subject.open(stages);
      try {
        // by then all threads of a line have started
        await line.send(0);
        await line.receive();
        for (const thread of threads()) if (!before.has(thread)) pin(thread, far);
      } catch (error) {
        await line.close();
        throw error;
      }
      const main = String(process.pid);
      const hold = () => pin(main, near);
      hold();
      return {
        ...line,
        send: (n) => line.send(n),
        receive: () => line.receive(),
        async close() {
          await line.close();
          pin(main, all.join(","));
        },
      };
    },
  };
}
