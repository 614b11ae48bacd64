import { accountCells, CELLS, ledgerOf, RATE_CELLS } from "@ringline/core/internal";

export const { RECEIVED, DONE, REQUEUED } = accountCells;

/** Words of a port in shared memory, in cache lines by writer. Written by senders: */
export const ADMITTED = 0;
/** Written by the home: number of messages that have left the queue, modulo 2^28. */
export const RELEASED = 16;
/** Often read and rarely written. */
const GATE = 32;
const HOME = 33;
const ROOM_NOTIFIED = 34;
/** The record of the home: the current transition (0: none), its frame, and the new words of that frame. */
export const STEP = 48;
export const NOTED_LOG = 49;
export const NOTED_SEGMENT = 50;
export const NOTED_AT = 51;
export const NOTED_STATE = 52;
export const NOTED_ORDER = 53;
/** For a message that also leaves a node of a flow: the flow, how many cells were counted, and the cells. */
export const NOTED_FLOW = 54;
export const NOTED_COUNTED = 55;
export const NOTED_CELLS = 56;
/** Offset of the account's cells, in 64-bit floats; the new values of three of them follow. */
const CELLS_AT = 256;
export const TARGETS = CELLS;

/** Offset of the throughput cells. */
const RATE_AT = 384;

/** Bytes of a port block. */
export const PORT_BLOCK = RATE_AT + 8 * RATE_CELLS;

/** Mask of the count in the word of admissions; flags are above it. */
export const COUNT = (1 << 28) - 1;
/** Flag: admissions are stopped while lost ones are withdrawn. */
const STOPPED = 1 << 28;
/** Flag: only the host may send; all messages go through it, to stay in order. */
const HOST_ONLY = 1 << 29;
/** Flag: senders wait for room. */
export const PARKED = 1 << 30;
const SEALED = 1 << 31;

/** Maximum number of queued messages, whatever the capacity: half the range of tickets. */
export const MOST_QUEUED = 1 << 27;

/** The difference of two tickets or counts that wrap at 2^28. */
export const difference = (a: number, b: number): number => ((a - b) << 4) >> 4;

/**
 * The part of a port that all threads share. Senders advance the count of admissions by compare-and-swap; only the home
 * writes the count of messages that left the queue. The difference is the exact depth; the admission count before a
 * message is its ticket.
 */
export class PortBlock {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly cells: Float64Array;
  /** Cells of the throughput, continued from home to home, on a clock common to all threads. */
  readonly rate: Float64Array;

  constructor(memory = new SharedArrayBuffer(PORT_BLOCK)) {
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.cells = new Float64Array(memory, CELLS_AT);
    this.rate = new Float64Array(memory, RATE_AT, RATE_CELLS);
  }

  /** True if the port has room. `passing`: flags to ignore. */
  hasRoom(limit: number, passing: number): boolean {
    const released = Atomics.load(this.words, RELEASED);
    const admitted = Atomics.load(this.words, ADMITTED);
    return (admitted & ~COUNT & ~passing) === 0 && ((admitted - released) & COUNT) < limit;
  }

  /** Messages that were admitted and have not left the queue. */
  get depth(): number {
    for (let released = Atomics.load(this.words, RELEASED); ; ) {
      const admitted = Atomics.load(this.words, ADMITTED);
      const again = Atomics.load(this.words, RELEASED);
      if (again === released) return (admitted - released) & COUNT;
      released = again;
    }
  }

  #has(flag: number): boolean {
    return (Atomics.load(this.words, ADMITTED) & flag) !== 0;
  }
  #set(flag: number, isSet: boolean): void {
    if (isSet) Atomics.or(this.words, ADMITTED, flag);
    else Atomics.and(this.words, ADMITTED, ~flag);
  }

  get isSealed(): boolean {
    return this.#has(SEALED);
  }
  seal(): void {
    this.#set(SEALED, true);
  }
  get isParked(): boolean {
    return this.#has(PARKED);
  }
  set isParked(parked: boolean) {
    this.#set(PARKED, parked);
  }
  get isHostOnly(): boolean {
    return this.#has(HOST_ONLY);
  }
  set isHostOnly(held: boolean) {
    this.#set(HOST_ONLY, held);
  }
  get isStopped(): boolean {
    return this.#has(STOPPED);
  }
  set isStopped(stopped: boolean) {
    this.#set(STOPPED, stopped);
  }

  get isOpen(): boolean {
    return Atomics.load(this.words, GATE) !== 0;
  }
  set isOpen(open: boolean) {
    Atomics.store(this.words, GATE, open ? 1 : 0);
  }

  /** Index of the thread that delivers the messages. */
  get home(): number {
    return Atomics.load(this.words, HOME);
  }
  set home(home: number) {
    Atomics.store(this.words, HOME, home);
  }

  /** Claims the credit notification: true for the first caller since it was cleared. */
  claimRoomNotice(): boolean {
    return Atomics.exchange(this.words, ROOM_NOTIFIED, 1) === 0;
  }
  get isRoomNotified(): boolean {
    return Atomics.load(this.words, ROOM_NOTIFIED) !== 0;
  }
  clearRoomNotice(): void {
    Atomics.store(this.words, ROOM_NOTIFIED, 0);
  }

  /** All counts. Exact when the home reads them; approximate when another thread does while the home is busy. */
  counted(): PortCounts {
    const { cells, depth } = this;
    return { received: cells[RECEIVED]!, requeued: cells[REQUEUED]!, ledger: ledgerOf(cells, depth) };
  }
}

/** Counts of a port. */
export interface PortCounts {
  readonly received: number;
  readonly requeued: number;
  readonly ledger: ReturnType<typeof ledgerOf>;
}
