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

/** All of them; those that vary workers, or messages under way, vary nothing else. */
export const cells: readonly Cell[] = (Object.keys(PATTERNS) as PatternName[]).flatMap((pattern) =>
  PAYLOADS.flatMap((payload) => WORKS.map((work) => ({ pattern, payload, work }))).filter(isMeant),
);

/** Workers share out work, so they have some; a device needs a layout and something to compute. */
function isMeant({ pattern, payload, work }: Cell): boolean {
  if (pattern.startsWith("workers-")) return payload === "1KB" && work === "50us";
  if (pattern.startsWith("window-")) return payload === "64B" && work === "data";
  // the map has more of them
  if (work === "5us" || work === "500us") return pattern === "simple";
  return true;
}

/** True for a cell of the first screen: three stages, by the size of a message and the work in each. */
export const isOfMap = ({ pattern }: Cell) => pattern === "simple";
/** The order of its columns: a run that is short of time leaves the finer steps out. */
const COLUMNS: readonly Work[] = ["none", "500us", "50us", "data", "5us"];
const orderOf = (cell: Cell) => (isOfMap(cell) ? COLUMNS.indexOf(cell.work) : COLUMNS.length);
export const mapFirst = (some: readonly Cell[]): readonly Cell[] => [...some].sort((a, b) => orderOf(a) - orderOf(b));

/** For a first look: every pattern once, and one pattern in every way. */
export const quickCells: readonly Cell[] = cells.filter(({ pattern, payload, work }) => {
  if (pattern.startsWith("workers-") || pattern.startsWith("window-")) return true;
  if (pattern === "simple") return work !== "5us" && (work !== "data" || payload === "64B" || payload === "4MB");
  return payload === "1KB" && work === "none";
});

/** A device takes what has a layout, and does something with it; anything else would run on the event loop. */
export function backendsOf({ pattern, payload, work }: Cell): readonly BackendName[] {
  const onDevice = patternOf(pattern).onDevice === true && work === "data" && payload !== "1KB";
  return BACKENDS.filter((name) => name !== "webgpu" || onDevice);
}
