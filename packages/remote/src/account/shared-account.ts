import { leftQueueOf, type Transition, type TransitionName, transitionsByName } from "@ringline/core/internal";
import { DEAD, DELIVERED, DROPPED, type Frame, QUEUED, SETTLED } from "../ring/frame.js";
import { ORDER, STATE } from "../ring/segment.js";
import { countNoted, type FlowCells, NOTED, noteCells } from "./flow-cells.js";
import {
  COUNT,
  NOTED_AT,
  NOTED_CELLS,
  NOTED_COUNTED,
  NOTED_FLOW,
  NOTED_LOG,
  NOTED_ORDER,
  NOTED_SEGMENT,
  NOTED_STATE,
  type PortBlock,
  RELEASED,
  STEP,
  TARGETS,
} from "./port-block.js";

const NO_FRAME = -1;

/** State of a message's frame after each transition. */
const STATES: Readonly<Record<TransitionName, number>> = {
  ...{ take: DELIVERED, takeAgain: DELIVERED, requeued: QUEUED, putBack: QUEUED },
  ...{ pass: SETTLED, passAgain: SETTLED, done: SETTLED, withdrawn: SETTLED },
  ...{ dropped: DROPPED, deadLettered: DEAD, expired: DEAD, removed: DEAD, removedAgain: DEAD },
  adopted: QUEUED,
};
const STATE_AFTER: readonly number[] = [0, ...transitionsByName.map(([name]) => STATES[name])];

/** Memory that a takeover from a lost home reads and completes. */
export interface LostHome {
  /** The words of a segment of a log to the lost home. */
  segment(log: number, segment: number): Int32Array | undefined;
  /** The counts of a flow; undefined if it has ended. */
  flow(flow: number): Int32Array | undefined;
}

/**
 * The account of a port in shared memory, written only by the home of the port. The home may be lost between any two
 * stores. So, as in a write-ahead log, it records the transition with the absolute new values, writes the state of the
 * frame and the counts, then clears the record. A takeover completes a recorded transition.
 */
export class SharedAccount {
  readonly #words: Int32Array;
  readonly cells: Float64Array;

  constructor({ words, cells }: PortBlock) {
    this.#words = words;
    this.cells = cells;
  }

  /**
   * `frame` of the message, in the log written by `by`; undefined without one. `more`: bits of the state above the
   * state's value. `order`: order among messages in that state.
   */
  step(transition: Transition, frame: Frame | undefined, by: number, more = 0, order = 0, times = 1): void {
    this.#begin(transition, frame, by, more, order, times);
    this.#words[STEP] = 0;
  }

  /**
   * Performs a transition by which a message also leaves its node. Returns whether it was the last there, or of its
   * input.
   */
  stepAndLeave(transition: Transition, frame: Frame | undefined, by: number, cells: FlowCells): LeaveResult {
    const note = this.#words;
    note[NOTED_COUNTED] = 0;
    noteCells(note, NOTED_CELLS, cells);
    note[NOTED_FLOW] = cells.flow;
    this.#begin(transition, frame, by, 0, 0, 1);
    const { words, load, region0, region1, region2, region3, live } = cells;
    let left = 0;
    // a thread is terminated only at calls and loops: each count and its record stay together
    if (Atomics.sub(words, load, 1) === 1) left = WAS_ALONE;
    note[NOTED_COUNTED] = 1;
    if (region0 !== 0 && Atomics.sub(words, region0, 1) === 1) left |= IS_LAST;
    note[NOTED_COUNTED] = 2;
    if (region1 !== 0 && Atomics.sub(words, region1, 1) === 1) left |= IS_LAST;
    note[NOTED_COUNTED] = 3;
    if (region2 !== 0 && Atomics.sub(words, region2, 1) === 1) left |= IS_LAST;
    note[NOTED_COUNTED] = 4;
    if (region3 !== 0 && Atomics.sub(words, region3, 1) === 1) left |= IS_LAST;
    note[NOTED_COUNTED] = 5;
    if (Atomics.sub(words, live, 1) === 1) left |= IS_LAST;
    note[NOTED_FLOW] = 0;
    note[STEP] = 0;
    return left;
  }

  #begin(transition: Transition, frame: Frame | undefined, by: number, more: number, order: number, times: number) {
    const { number, leavesQueue, a, x, b, y, c, z } = transition;
    const words = this.#words;
    const { cells } = this;
    const toA = cells[a]! + x * times;
    const toB = cells[b]! + y;
    const toC = cells[c]! + z;
    const state = STATE_AFTER[number]! | more;
    cells[TARGETS] = toA;
    cells[TARGETS + 1] = toB;
    cells[TARGETS + 2] = toC;
    if (frame === undefined) words[NOTED_LOG] = NO_FRAME;
    else {
      words[NOTED_LOG] = by;
      words[NOTED_SEGMENT] = frame.segment.id;
      words[NOTED_AT] = frame.at;
      words[NOTED_STATE] = state;
      words[NOTED_ORDER] = order;
    }
    words[STEP] = number;
    if (frame !== undefined) {
      frame.segment.words[frame.at + ORDER] = order;
      frame.segment.words[frame.at + STATE] = state;
    }
    if (leavesQueue) Atomics.store(words, RELEASED, (words[RELEASED]! + times) & COUNT);
    cells[a] = toA;
    cells[b] = toB;
    cells[c] = toC;
  }

  /** Completes the recorded transition of a lost home. */
  recover(remains: LostHome): void {
    const words = this.#words;
    const { cells } = this;
    const begun = transitionsByName.find(([, { number }]) => number === words[STEP])?.[1];
    if (begun !== undefined) {
      const frame =
        words[NOTED_LOG] === NO_FRAME ? undefined : remains.segment(words[NOTED_LOG]!, words[NOTED_SEGMENT]!);
      if (frame !== undefined) {
        const at = words[NOTED_AT]!;
        frame[at + ORDER] = words[NOTED_ORDER]!;
        frame[at + STATE] = words[NOTED_STATE]!;
      }
      cells[begun.a] = cells[TARGETS]!;
      cells[begun.b] = cells[TARGETS + 1]!;
      cells[begun.c] = cells[TARGETS + 2]!;
      Atomics.store(words, RELEASED, leftQueueOf(cells) & COUNT);
      const flow = words[NOTED_FLOW] === 0 ? undefined : remains.flow(words[NOTED_FLOW]!);
      if (flow !== undefined) countNoted(words, NOTED_CELLS, flow, words[NOTED_COUNTED]!, NOTED, -1);
    }
    words[NOTED_FLOW] = 0;
    words[STEP] = 0;
  }
}

/** Result of `stepAndLeave`, in bits. */
export type LeaveResult = number;
/** Set if no other message is at the node. */
export const WAS_ALONE = 1;
/** Set if the message was the last of its input, in a region or as a whole. */
export const IS_LAST = 2;
