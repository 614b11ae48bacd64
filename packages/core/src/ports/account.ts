import type { Ledger } from "../telemetry/telemetry.js";

/** Cells of an account. All but `RECEIVED` and `REQUEUED` say where messages are that have left the queue. */
export const RECEIVED = 0;
export const IN_FLIGHT = 1;
/** Waits to be delivered again: accepted long ago, it takes no place in the queue. */
export const AGAIN = 2;
export const DONE = 3;
export const DROPPED = 4;
export const DEAD_LETTERED = 5;
export const REQUEUED = 6;
/** A place was taken for it by somebody who was lost before it was published. */
export const WITHDRAWN = 7;
export const accountCells = { RECEIVED, DONE, REQUEUED, IN_FLIGHT, AGAIN } as const;
const NOTHING = 8;
export const CELLS = 9;

/** What happens to one message: up to three cells change. */
export interface Transition {
  /** From 1. */
  readonly number: number;
  /** It leaves the queue: its place there comes free. */
  readonly leavesQueue: boolean;
  readonly a: number;
  readonly x: number;
  readonly b: number;
  readonly y: number;
  readonly c: number;
  readonly z: number;
}

type Change = readonly [cell: number, by: number];
const UNCHANGED: Change = [NOTHING, 0];

function transition(number: number, leavesQueue: boolean, [a, x]: Change, second = UNCHANGED, third = UNCHANGED) {
  return { number, leavesQueue, a, x, b: second[0], y: second[1], c: third[0], z: third[1] } as const;
}

/** All that can happen to a message in a port, from its acceptance on. */
export const transitions = {
  /** Delivered by an input, for the first time or again. */
  take: transition(1, true, [RECEIVED, 1], [IN_FLIGHT, 1]),
  takeAgain: transition(2, false, [RECEIVED, 1], [IN_FLIGHT, 1], [AGAIN, -1]),
  /** Delivered by an output, which is the end of it. */
  pass: transition(3, true, [RECEIVED, 1], [DONE, 1]),
  passAgain: transition(4, false, [RECEIVED, 1], [DONE, 1], [AGAIN, -1]),
  /** Taken from an output by somebody who could not bring it on. */
  putBack: transition(5, false, [REQUEUED, 1], [AGAIN, 1], [DONE, -1]),
  done: transition(6, false, [DONE, 1], [IN_FLIGHT, -1]),
  deadLettered: transition(7, false, [DEAD_LETTERED, 1], [IN_FLIGHT, -1]),
  /** It never reached the kernel. */
  expired: transition(8, false, [DEAD_LETTERED, 1], [IN_FLIGHT, -1], [RECEIVED, -1]),
  requeued: transition(9, false, [REQUEUED, 1], [AGAIN, 1], [IN_FLIGHT, -1]),
  dropped: transition(10, true, [DROPPED, 1]),
  /** Taken out undelivered, to become a dead letter. */
  removed: transition(11, true, [DEAD_LETTERED, 1]),
  removedAgain: transition(12, false, [DEAD_LETTERED, 1], [AGAIN, -1]),
  withdrawn: transition(13, true, [WITHDRAWN, 1]),
} as const satisfies Record<string, Transition>;

/** Messages that have left the queue, each counted where it is. */
export function leftOf(cells: ArrayLike<number>): number {
  return cells[IN_FLIGHT]! + cells[AGAIN]! + cells[DONE]! + cells[DROPPED]! + cells[DEAD_LETTERED]! + cells[WITHDRAWN]!;
}

/** `waiting`: messages in the queue. What was accepted is the sum, so that the ledger always balances. */
export function ledgerOf(cells: ArrayLike<number>, waiting: number): Ledger {
  const queued = waiting + cells[AGAIN]!;
  const [inHand, done, dropped, deadLettered] = [
    cells[IN_FLIGHT]!,
    cells[DONE]!,
    cells[DROPPED]!,
    cells[DEAD_LETTERED]!,
  ];
  return { accepted: queued + inHand + done + dropped + deadLettered, queued, inHand, done, dropped, deadLettered };
}

/** The account of a port in the memory of this place. */
export class Account {
  readonly cells: number[] = new Array<number>(CELLS).fill(0);

  step({ a, x, b, y, c, z }: Transition): void {
    const { cells } = this;
    cells[a]! += x;
    cells[b]! += y;
    cells[c]! += z;
  }
}
