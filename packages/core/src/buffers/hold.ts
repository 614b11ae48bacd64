import type { Slab } from "./slab.js";

let holder = 0;

/** Says by which number this place is known to those that share its memory; 0 unless it is told. */
export function setHolder(number: number): void {
  holder = number;
}

/** State that all handles of a place to one buffer have together. */
interface InPlace {
  count: number;
  /** References of messages that lie in shared memory, and are here as well. */
  onTheWay: number;
}

/**
 * The references of one handle to a slab. `own`: of whoever uses the buffer. `lent`: of a message that is queued or in
 * hand here.
 */
export class Hold {
  readonly slab: Slab;
  own = 0;
  lent = 0;
  readonly #place: InPlace;

  constructor(slab: Slab, place: InPlace = { count: 0, onTheWay: 0 }) {
    this.slab = slab;
    this.#place = place;
  }

  /** Begins with a reference that is there already. */
  static of(slab: Slab): Hold {
    const hold = new Hold(slab);
    hold.adopt("own");
    return hold;
  }

  /**
   * The references of another handle to the same buffer here, which takes over one of these references, or has one
   * more.
   */
  heir(from: "own" | "lent", to: "own" | "lent"): Hold {
    const heir = new Hold(this.slab, this.#place);
    if (this[from] > 0) {
      this[from]--;
      heir[to]++;
    } else heir.add(to);
    return heir;
  }

  get count(): number {
    return this.own + this.lent;
  }

  /** True while this is the one reference to the memory, wherever others could be. */
  get isAlone(): boolean {
    return this.slab.references - this.#place.onTheWay === 1;
  }

  /** True while a handle of this place refers to the memory. */
  get isUsedHere(): boolean {
    return this.#place.count > 0;
  }

  set onTheWay(references: number) {
    this.#place.onTheWay = references;
  }

  add(kind: "own" | "lent"): void {
    this.slab.add();
    this.adopt(kind);
  }

  /** Takes over a reference of nobody. */
  adopt(kind: "own" | "lent"): void {
    this.slab.note(holder, 1);
    this.#place.count++;
    this[kind]++;
  }

  /** Lets a reference be nobody's: of a message on its way. */
  part(kind: "own" | "lent"): void {
    this[kind]--;
    this.#place.count--;
    this.slab.note(holder, -1);
  }

  drop(kind: "own" | "lent"): void {
    this.part(kind);
    this.slab.drop();
  }
}
