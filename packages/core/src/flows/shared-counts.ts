/** Header words: flags for watchers of each message that leaves a node, and of nodes that become empty. */
const EACH = 0;
const EMPTY = 1;
const HEAD = 2;
/** Words of an input: its messages in flight, its number with the cancelled bit, and its messages by region. */
const WHICH = 1;
export const REGIONS = 2;
const CANCELLED = 1;
/** Maximum regions of a node whose messages are counted in shared memory. */
export const MOST_REGIONS = 4;

/**
 * Counts the messages in flight of a flow's inputs, in memory that the host shares with the threads where stages run.
 * Threads count the messages that they pass to each other, and the host is notified when an input is complete. Counts
 * exist per input, and per node and generation. A message is entered before any thread can see it, and leaves after
 * every message that it caused was entered. Therefore the thread that decrements the count of an input to 0, as a whole
 * or in a region, is the last one there, and no thread can enter the input again.
 */
export class SharedCounts {
  /** Number of this flow in the process. */
  readonly id: number;
  readonly flow: string;
  /** Maximum number of inputs counted at a time. */
  readonly size: number;
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  /** Messages by node and generation: at twice the node, plus the generation. */
  readonly loads: Int32Array;
  /** By node: the regions that it belongs to. */
  readonly regionsOf: readonly (readonly number[])[];
  readonly #regions: number;
  /** Number of words per input. */
  readonly #slot: number;
  /** Index of the first word of the first input. */
  readonly #first: number;

  constructor({ id, flow, regionsOf, regions, size, memory }: SharedCountsSetup) {
    this.id = id;
    this.flow = flow;
    this.size = size;
    this.regionsOf = regionsOf;
    this.#regions = regions;
    this.#slot = REGIONS + regions;
    this.#first = HEAD + 2 * regionsOf.length;
    this.memory = memory ?? new SharedArrayBuffer(4 * (this.#first + this.#slot * size));
    this.words = new Int32Array(this.memory);
    this.loads = this.words.subarray(HEAD, this.#first);
  }

  /** The data from which another thread makes its own view. */
  get setup(): SharedCountsSetup {
    const { id, flow, size, memory, regionsOf } = this;
    return { id, flow, size, memory, regionsOf, regions: this.#regions };
  }

  /** Index of the word that counts the messages of the input in this slot. */
  liveAt(slot: number): number {
    return this.#first + this.#slot * slot;
  }

  /** Index of the word that counts the messages at a node. */
  loadAt(node: number, generation: number): number {
    return HEAD + 2 * node + generation;
  }

  /**
   * Index of the word that counts the messages of the input in a region of a node; 0 if the node has no such region.
   */
  regionAt(slot: number, node: number, i: number): number {
    const region = this.regionsOf[node]?.[i];
    return region === undefined ? 0 : this.liveAt(slot) + REGIONS + region;
  }

  /** The messages of the input in a region. */
  inRegion(slot: number, region: number): number {
    return Atomics.load(this.words, this.liveAt(slot) + REGIONS + region);
  }

  /** True if the messages at a node can be counted in shared memory. */
  isCounted(node: number): boolean {
    const regions = this.regionsOf[node];
    return regions !== undefined && regions.length <= MOST_REGIONS;
  }

  /** Messages at a node. */
  load(node: number): number {
    return (this.loads[2 * node] as number) + (this.loads[2 * node + 1] as number);
  }

  /** True while a watcher needs every message that leaves a node: senders wait for capacity. */
  get isWatched(): boolean {
    return Atomics.load(this.words, EACH) !== 0;
  }
  /** True while a watcher needs to know when the last message of a generation has left a node. */
  get isEmptyWatched(): boolean {
    return Atomics.load(this.words, EMPTY) !== 0;
  }
  watch(each: boolean, empty: boolean): void {
    Atomics.store(this.words, EACH, each ? 1 : 0);
    Atomics.store(this.words, EMPTY, empty ? 1 : 0);
  }

  /** Assigns the slot to `input`, a number that changes with each use. The input's entry counts as one message. */
  begin(slot: number, input: number): void {
    const at = this.liveAt(slot);
    Atomics.store(this.words, at + WHICH, input << 1);
    this.words.fill(1, at + REGIONS, at + REGIONS + this.#regions);
    Atomics.store(this.words, at, 1);
  }

  cancel(slot: number): void {
    Atomics.or(this.words, this.liveAt(slot) + WHICH, CANCELLED);
  }

  isCancelled(slot: number, input: number): boolean {
    return Atomics.load(this.words, this.liveAt(slot) + WHICH) === ((input << 1) | CANCELLED);
  }
}

export interface SharedCountsSetup {
  readonly id: number;
  readonly flow: string;
  readonly regionsOf: readonly (readonly number[])[];
  readonly regions: number;
  readonly size: number;
  /** Omitted: new memory is allocated. */
  readonly memory?: SharedArrayBuffer;
}
