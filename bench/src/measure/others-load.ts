import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Milliseconds of CPU time since some moment of the machine: of all its programs, and taken from it by its host. */
function machineTime(): number {
  let busy = 0;
  for (const { times } of cpus()) busy += times.user + times.nice + times.sys + times.irq;
  return busy + stolenTime();
}

/** CPU time that a hypervisor gave to others, in ticks of 10 ms; 0 on systems other than Linux. */
function stolenTime(): number {
  if (process.platform !== "linux") return 0;
  try {
    const line = readFileSync("/proc/stat", "utf8").split("\n", 1)[0] as string;
    return Number(line.trim().split(/\s+/)[8] ?? 0) * 10;
  } catch {
    return 0;
  }
}

/** Number of cores that other processes kept busy during a measurement. */
export class OthersLoad {
  readonly #started = performance.now();
  readonly #machine = machineTime();
  readonly #own = process.cpuUsage();

  /** Cores, on average since this was made; at least 0. */
  read(): number {
    const { user, system } = process.cpuUsage(this.#own);
    const others = machineTime() - this.#machine - (user + system) / 1000;
    return Math.max(0, others / (performance.now() - this.#started));
  }
}
