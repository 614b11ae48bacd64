import { MAX_PLACES } from "@ringline/core/internal";

/** Numbers of places in use, across all runtimes of this thread, as buffers may pass between them. 0 is this thread. */
const used = new Set<number>([0]);

export function takePlaceNumber(): number {
  for (let holder = 1; holder < MAX_PLACES; holder++) {
    if (used.has(holder)) continue;
    used.add(holder);
    return holder;
  }
  throw new Error(`more than ${MAX_PLACES - 1} threads at a time`);
}

export function freePlaceNumber(holder: number): void {
  if (holder !== 0) used.delete(holder);
}
