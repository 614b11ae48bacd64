import { BACKENDS, type BackendName } from "../backends.js";
import { PATTERNS, type PatternName, patternOf } from "./patterns.js";
import { PAYLOADS, type Payload } from "./payloads.js";
import { WORKS, type Work } from "./stages.js";

/** A pattern with one payload and one kind of work. */
export interface Cell {
  readonly pattern: PatternName;
  readonly payload: Payload;
  readonly work: Work;
}

export const nameOf = ({ pattern, payload, work }: Cell) => `${pattern}/${payload}/${work}` as const;

/** All of them. How work is shared out is a question of work, so that the stages of several workers have some. */
export const cells: readonly Cell[] = (Object.keys(PATTERNS) as PatternName[]).flatMap((pattern) =>
  PAYLOADS.flatMap((payload) =>
    WORKS.filter((work) => !pattern.startsWith("workers-") || work === "50us").map((work) => ({
      pattern,
      payload,
      work,
    })),
  ),
);

/** For a first look: every pattern once, and one pattern in every way. */
export const quickCells: readonly Cell[] = cells.filter(({ pattern, payload, work }) => {
  if (pattern === "simple") return work === "none" || payload === "64B" || (work === "data" && payload === "4MB");
  return payload === "1KB" && work === (pattern.startsWith("workers-") ? "50us" : "none");
});

/** A device takes what has a layout, and does something with it; anything else would run on the event loop. */
export function backendsOf({ pattern, payload, work }: Cell): readonly BackendName[] {
  const onDevice = patternOf(pattern).onDevice === true && work === "data" && payload !== "1KB";
  return BACKENDS.filter((name) => name !== "webgpu" || onDevice);
}
