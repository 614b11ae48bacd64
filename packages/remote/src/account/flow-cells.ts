/**
 * Cells in which a message of a flow is counted: one of its input, one of its node, and up to four of regions; 0 for no
 * region.
 */
export interface FlowCells {
  /** Number of the flow, from 1. */
  readonly flow: number;
  readonly words: Int32Array;
  readonly live: number;
  readonly load: number;
  readonly region0: number;
  readonly region1: number;
  readonly region2: number;
  readonly region3: number;
}

/** Records the cells from `at` on, in the order in which they are counted. */
export function noteCells(note: Int32Array, at: number, cells: FlowCells): void {
  note[at] = cells.load;
  note[at + 1] = cells.region0;
  note[at + 2] = cells.region1;
  note[at + 3] = cells.region2;
  note[at + 4] = cells.region3;
  note[at + 5] = cells.live;
}

export const NOTED = 6;

/** Adds `more` to the recorded cells `from` to before `to`: completes or undoes the counting of a lost thread. */
export function countNoted(
  note: Int32Array,
  at: number,
  words: Int32Array,
  from: number,
  to: number,
  more: number,
): void {
  for (let i = from; i < to; i++) if (note[at + i] !== 0) Atomics.add(words, note[at + i]!, more);
}
