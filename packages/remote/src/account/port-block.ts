/** Words of a port in shared memory. */
export const DEPTH = 0;
export const TICKETS = 1;
/** In a line of their own, as caches work by lines: these are read often and hardly ever written. */
export const GATE = 32;
const HOME = 33;
const ROOM_TOLD = 34;
const REJECTED = 35;
/** Bits of the depth. */
const SEALED = 1 << 30;
export const PARKED = 1 << 29;
const HELD = 1 << 28;
const COUNT = HELD - 1;
/** Counters, as 64-bit floats: written by the home of the port alone, in lines of their own. */
export const RECEIVED = 32;
export const DONE = 33;
const DROPPED = 34;
export const DEAD_LETTERED = 35;
const REQUEUED = 36;
export const IN_HAND_NOW = 37;

/** Bytes of a port block. */
export const PORT_BLOCK = 384;

/**
 * What all threads share of a port: its exact depth, whether it takes anything, where it is at home, and the counts of
 * its ledger. Whoever sends reserves a place by compare-and-swap; the home gives it back on delivery.
 */
export class PortBlock {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly counts: Float64Array;

  constructor(memory = new SharedArrayBuffer(PORT_BLOCK)) {
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.counts = new Float64Array(memory);
  }

  /** Gives a place back. True when somebody waits for it. */
  release(): boolean {
    return (Atomics.sub(this.words, DEPTH, 1) & PARKED) !== 0;
  }

  /** `passing`: flags that are no obstacle. */
  hasRoom(limit: number, passing: number): boolean {
    return (Atomics.load(this.words, DEPTH) & ~passing) < limit; // a flag is more than any limit
  }

  get depth(): number {
    return Atomics.load(this.words, DEPTH) & COUNT;
  }
  get isSealed(): boolean {
    return (Atomics.load(this.words, DEPTH) & SEALED) !== 0;
  }
  seal(): void {
    Atomics.or(this.words, DEPTH, SEALED);
  }
  get isParked(): boolean {
    return (Atomics.load(this.words, DEPTH) & PARKED) !== 0;
  }
  set isParked(parked: boolean) {
    if (parked) Atomics.or(this.words, DEPTH, PARKED);
    else Atomics.and(this.words, DEPTH, ~PARKED);
  }
  /** Only the host may send to it, by whom everything goes that is to come in order. */
  get isHeld(): boolean {
    return (Atomics.load(this.words, DEPTH) & HELD) !== 0;
  }
  set isHeld(held: boolean) {
    if (held) Atomics.or(this.words, DEPTH, HELD);
    else Atomics.and(this.words, DEPTH, ~HELD);
  }

  /** How many messages were accepted, modulo 2^32: each has its ticket, in the order of acceptance. */
  get tickets(): number {
    return Atomics.load(this.words, TICKETS);
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
  tellRoom(): boolean {
    return Atomics.exchange(this.words, ROOM_TOLD, 1) === 0;
  }
  get isRoomTold(): boolean {
    return Atomics.load(this.words, ROOM_TOLD) !== 0;
  }
  roomHeard(): void {
    Atomics.store(this.words, ROOM_TOLD, 0);
  }

  reject(): void {
    Atomics.add(this.words, REJECTED, 1);
  }
  get rejected(): number {
    return Atomics.load(this.words, REJECTED) >>> 0;
  }

  get received(): number {
    return this.counts[RECEIVED]!;
  }
  set received(count: number) {
    this.counts[RECEIVED] = count;
  }
  get done(): number {
    return this.counts[DONE]!;
  }
  set done(count: number) {
    this.counts[DONE] = count;
  }
  get dropped(): number {
    return this.counts[DROPPED]!;
  }
  set dropped(count: number) {
    this.counts[DROPPED] = count;
  }
  get deadLettered(): number {
    return this.counts[DEAD_LETTERED]!;
  }
  set deadLettered(count: number) {
    this.counts[DEAD_LETTERED] = count;
  }
  /** Delivered and not settled. */
  get inHand(): number {
    return this.counts[IN_HAND_NOW]!;
  }
  set inHand(count: number) {
    this.counts[IN_HAND_NOW] = count;
  }
  get requeued(): number {
    return this.counts[REQUEUED]!;
  }
  set requeued(count: number) {
    this.counts[REQUEUED] = count;
  }

  /** All counts at this moment. */
  counted(): PortCounts {
    const { tickets, received, done, dropped, deadLettered, requeued, inHand } = this;
    return { tickets, received, done, dropped, deadLettered, requeued, inHand };
  }
}

/** What a port has counted; tickets modulo 2^32. */
export type PortCounts = Readonly<
  Record<"tickets" | "received" | "done" | "dropped" | "deadLettered" | "requeued" | "inHand", number>
>;
