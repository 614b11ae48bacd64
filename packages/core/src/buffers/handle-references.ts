import type { Slab } from "./slab.js";

let holder = 0;

/** Says by which number this place is known to those that share its memory; 0 unless it is told. */
export function setPlaceNumber(number: number): void {
  holder = number;
}

/** State that all handles of a place to one buffer have together. */
interface LocalReferences {
  count: number;
  /** References of messages that lie in shared memory, and are here as well. */
  inTransit: number;
}

/**
 * The references of one handle to a slab. `ownReferences`: of whoever uses the buffer. `lent`: of a message that is queued or in
 * hand here.
 */
export class HandleReferences {
  readonly slab: Slab;
  own = 0;
  inFlight = 0;
  readonly #place: LocalReferences;

  constructor(slab: Slab, place: LocalReferences = { count: 0, inTransit: 0 }) {
    this.slab = slab;
    this.#place = place;
  }

  /** Begins with a reference that is there already. */
  static of(slab: Slab): HandleReferences {
    const hold = new HandleReferences(slab);
    hold.adopt("own");
    return hold;
  }

  /**
   * The references of another handle to the same buffer here, which takes over one of these references, or has one
   * more.
   */
  successor(from: "own" | "inFlight", to: "own" | "inFlight"): HandleReferences {
    const successor = new HandleReferences(this.slab, this.#place);
    if (this[from] > 0) {
      this[from]--;
      successor[to]++;
    } else successor.add(to);
    return successor;
  }

  get count(): number {
    return this.own + this.inFlight;
  }

  /** True while this is the one reference to the memory, wherever others could be. */
  get isSole(): boolean {
    return this.slab.references - this.#place.inTransit === 1;
  }

  /** True while a handle of this place refers to the memory. */
  get isUsedLocally(): boolean {
    return this.#place.count > 0;
  }

  set inTransit(references: number) {
    this.#place.inTransit = references;
  }

  add(kind: "own" | "inFlight"): void {
    this.slab.add();
    this.adopt(kind);
  }

  /** Takes over a reference of nobody. */
  adopt(kind: "own" | "inFlight"): void {
    this.slab.adjust(holder, 1);
    this.#place.count++;
    this[kind]++;
  }

  /** Lets a reference be nobody's: of a message on its way. */
  detach(kind: "own" | "inFlight"): void {
    this[kind]--;
    this.#place.count--;
    this.slab.adjust(holder, -1);
  }

  drop(kind: "own" | "inFlight"): void {
    this.detach(kind);
    this.slab.drop();
  }
}
