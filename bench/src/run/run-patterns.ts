import { BACKENDS } from "../backends.js";
import { backendsOf, type Cell, cells, mapFirst, nameOf, quickCells } from "../patterns/cells.js";
import { patternOn } from "../patterns/open-pattern.js";
import { patternWorkload } from "../patterns/pattern-workload.js";
import { bareWorker, starterOn, startUp } from "../patterns/start-up.js";
import { startingYardstick, yardstickFor } from "../patterns/yardstick.js";
import { runWorkload } from "./run-workloads.js";
import type { Session } from "./session.js";

/** The patterns on every backend, and how fast each backend is there. */
export async function runPatterns(session: Session, parts: readonly string[]): Promise<void> {
  if (parts.includes("patterns")) {
    for (const cell of cellsOf(session)) {
      const backends = backendsOf(cell).filter((name) => session.backends.includes(name));
      const { patternDuration: duration, patternWarmUp: warmUp } = session.parameters;
      const workload = patternWorkload(cell, { duration, warmUp });
      await runWorkload(
        session,
        workload,
        yardstickFor(cell),
        backends.map((name) => patternOn(name, cell)),
      );
    }
  }
  if (parts.includes("startup")) {
    const backends = BACKENDS.filter((name) => session.backends.includes(name));
    const bare = backends.includes("worker-threads") ? [bareWorker] : [];
    await runWorkload(session, startUp, startingYardstick, [...backends.map(starterOn), ...bare]);
  }
}

/** Asked for by name, or those of the run's size. */
function cellsOf({ cells: wanted, parameters }: Session): readonly Cell[] {
  if (wanted.length === 0) return mapFirst(parameters.allCells ? cells : quickCells);
  return mapFirst(cells.filter((cell) => wanted.some((name) => isWithin(nameOf(cell), name))));
}

/** `simple/1KB` holds `simple/1KB/none`. */
export const isWithin = (name: string, wanted: string) => name === wanted || name.startsWith(`${wanted}/`);
