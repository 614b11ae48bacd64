import { accountCells, CELLS, ledgerOf, RATE_CELLS } from "@ringline/core/internal";

export const { RECEIVED, DONE, REQUEUED } = accountCells;

/** Words of a port in shared memory, in lines of their own, as caches work by lines. Written by senders: */
export const ADMITTED = 0;
/** Written by the home: messages that have left the queue, modulo 2^28. */
export const RELEASED = 16;
/** Read often and hardly ever written. */
const GATE = 32;
const HOME = 33;
const ROOM_NOTIFIED = 34;
/** The note of the home: the transition that is under way (0: none), the frame, and what its words will be. */
export const STEP = 48;
export const NOTED_LOG = 49;
export const NOTED_SEGMENT = 50;
export const NOTED_AT = 51;
export const NOTED_STATE = 52;
export const NOTED_ORDER = 53;
/** Of a message that leaves its node of a flow with it: the flow, what has been counted, and where that is counted. */
export const NOTED_FLOW = 54;
export const NOTED_COUNTED = 55;
export const NOTED_CELLS = 56;
/** The cells of the account begin here, in 64-bit floats; behind them what three of them will be. */
const CELLS_AT = 256;
export const TARGETS = CELLS;

/** The rate of what is done begins here. */
const RATE_AT = 384;

/** Bytes of a port block. */
export const PORT_BLOCK = RATE_AT + 8 * RATE_CELLS;

/** Bits of the word of admissions: a count, and flags above it which it cannot reach. */
export const COUNT = (1 << 28) - 1;
/** Nobody sends for a moment, while it is found out what is really on its way. */
const STOPPED = 1 << 28;
/** Only the host may send, by whom everything goes that is to come in order. */
const HOST_ONLY = 1 << 29;
/** Somebody waits for room. */
export const PARKED = 1 << 30;
const SEALED = 1 << 31;

/** Most messages that a port takes, whatever its capacity: half of what can be told apart. */
export const MOST_QUEUED = 1 << 27;

/** The difference of two tickets or counts that wrap at 2^28. */
export const difference = (a: number, b: number): number => ((a - b) << 4) >> 4;

/**
 * The part of a port that all threads share. Senders advance the count of admissions by compare-and-swap; the home
 * alone writes how many messages have left the queue. The difference is the exact depth, and the count at its
 * admission is the ticket of a message.
 */
export class PortBlock {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly cells: Float64Array;
  /** Cells of the rate, which continues from home to home, by the time of all threads. */
  readonly rate: Float64Array;

  constructor(memory = new SharedArrayBuffer(PORT_BLOCK)) {
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.cells = new Float64Array(memory, CELLS_AT);
    this.rate = new Float64Array(memory, RATE_AT, RATE_CELLS);
  }

  /** `passing`: flags that are no obstacle. */
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

  /** The thread that delivers its messages. */
  get home(): number {
    return Atomics.load(this.words, HOME);
  }
  set home(home: number) {
    Atomics.store(this.words, HOME, home);
  }

  /** True when nobody has told yet that there is room. */
  claimRoomNotice(): boolean {
    return Atomics.exchange(this.words, ROOM_NOTIFIED, 1) === 0;
  }
  get isRoomNotified(): boolean {
    return Atomics.load(this.words, ROOM_NOTIFIED) !== 0;
  }
  clearRoomNotice(): void {
    Atomics.store(this.words, ROOM_NOTIFIED, 0);
  }

  /** All counts at one moment, by its home; by others, while that is too busy to tell, nearly so. */
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
