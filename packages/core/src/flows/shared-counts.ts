/** Words at the start: whether somebody wants to know what leaves which node. */
const WATCHED = 0;
const HEAD = 1;
/** Words of an input: its messages alive, and which input it is. */
const SLOT = 2;
const CANCELLED = 1;

/**
 * What is alive of a flow's inputs, in memory that the host shares with the threads where stages run: they count what
 * they hand on to one another, and the host hears when an input is over. By input how many messages are alive, by node
 * and generation how many are there.
 *
 * A message is entered before anybody can see it, and leaves after all that it caused was entered; so whoever brings the
 * count of an input to 0 is the last, and nobody else can enter it again.
 */
export class SharedCounts {
  /** Of this flow, among all of this process. */
  readonly id: number;
  readonly flow: string;
  /** Inputs that it has room for. */
  readonly size: number;
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  /** Messages by node and generation: at twice the node, plus the generation. */
  readonly loads: Int32Array;
  readonly #nodes: number;

  constructor({ id, flow, nodes, size, memory }: SharedCountsSetup) {
    this.id = id;
    this.flow = flow;
    this.size = size;
    this.#nodes = nodes;
    this.memory = memory ?? new SharedArrayBuffer(4 * (HEAD + 2 * nodes + SLOT * size));
    this.words = new Int32Array(this.memory);
    this.loads = this.words.subarray(HEAD, HEAD + 2 * nodes);
  }

  /** What another thread makes its own of. */
  get setup(): SharedCountsSetup {
    const { id, flow, size, memory } = this;
    return { id, flow, size, memory, nodes: this.#nodes };
  }

  /** Where the messages of the input in this slot are counted. */
  liveAt(slot: number): number {
    return HEAD + 2 * this.#nodes + SLOT * slot;
  }

  /** Where the messages at a node are counted. */
  loadAt(node: number, generation: number): number {
    return HEAD + 2 * node + generation;
  }

  get isWatched(): boolean {
    return Atomics.load(this.words, WATCHED) !== 0;
  }
  set isWatched(watched: boolean) {
    Atomics.store(this.words, WATCHED, watched ? 1 : 0);
  }

  /** The slot is `input`'s from now on: a number that changes from use to use. Its entry counts as one message. */
  begin(slot: number, input: number): void {
    const at = this.liveAt(slot);
    Atomics.store(this.words, at + 1, input << 1);
    Atomics.store(this.words, at, 1);
  }

  cancel(slot: number): void {
    Atomics.or(this.words, this.liveAt(slot) + 1, CANCELLED);
  }

  isCancelled(slot: number, input: number): boolean {
    return Atomics.load(this.words, this.liveAt(slot) + 1) === ((input << 1) | CANCELLED);
  }
}

export interface SharedCountsSetup {
  readonly id: number;
  readonly flow: string;
  readonly nodes: number;
  readonly size: number;
  /** Left out: new. */
  readonly memory?: SharedArrayBuffer;
}
