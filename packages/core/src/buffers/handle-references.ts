import type { Slab } from "./slab-pool.js";

let holder = 0;

/** Sets the number of this place among the places that share its memory; 0 by default. */
export function setPlaceNumber(number: number): void {
  holder = number;
}

/** State shared by all handles of a place to one buffer. */
interface LocalReferences {
  count: number;
  /** References of messages that are in shared memory and also in this place. */
  inTransit: number;
}

/**
 * References of one handle to a slab. `own`: references of the user of the buffer. `inFlight`: references of a message
 * that is queued or in flight here.
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

  /** Creates a handle that adopts an existing reference. */
  static of(slab: Slab): HandleReferences {
    const hold = new HandleReferences(slab);
    hold.adopt("own");
    return hold;
  }

  /**
   * Creates the references of another handle to the same buffer in this place. They take over one reference of kind
   * `from`, or add one if there is none.
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

  /** True while this is the only reference to the memory in all places. */
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

  /** Adopts a reference that no place holds, such as that of a message in transit. */
  adopt(kind: "own" | "inFlight"): void {
    this.slab.adjust(holder, 1);
    this.#place.count++;
    this[kind]++;
  }

  /** Detaches a reference from this place, for a message in transit. */
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
