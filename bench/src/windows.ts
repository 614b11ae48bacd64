import type { SubjectEntry } from "./subjects.js";
import type { Counter } from "./windows/events.js";

export const WINDOW_REFERENCE = "map-loop";

/** Subjects of the workload `windows`. */
export const windows: readonly SubjectEntry<Counter>[] = [
  { name: WINDOW_REFERENCE, load: async () => (await import("./windows/by-hand.js")).windowsByHand },
  { name: "rxjs-groupby", load: async () => (await import("./windows/rxjs.js")).windowsByRxjs },
  { name: "ringline-window", load: async () => (await import("./windows/ringline.js")).windowsByRingline },
];
