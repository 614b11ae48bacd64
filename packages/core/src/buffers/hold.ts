import type { Slab } from "./slab.js";

let holder = 0;

/** Says by which number this place is known to those that share its memory; 0 unless it is told. */
export function setHolder(number: number): void {
  holder = number;
}

/**
 * The references of one place to a slab. `own`: of whoever uses the buffer. `lent`: of messages that are queued or in
 * hand here. `onTheWay`: of messages that lie in shared memory, and are here as well.
 */
export class Hold {
  readonly slab: Slab;
  own = 0;
  lent = 0;
  onTheWay = 0;

  constructor(slab: Slab) {
    this.slab = slab;
  }

  /** Begins with a reference that is there already. */
  static of(slab: Slab): Hold {
    const hold = new Hold(slab);
    hold.own = 1;
    slab.note(holder, 1);
    return hold;
  }

  get count(): number {
    return this.own + this.lent;
  }

  /** True while nobody else refers to the memory. */
  get isAlone(): boolean {
    return this.slab.references === this.count + this.onTheWay;
  }

  add(kind: "own" | "lent"): void {
    this.slab.add();
    this.adopt(kind);
  }

  /** Takes over a reference of nobody. */
  adopt(kind: "own" | "lent"): void {
    this.slab.note(holder, 1);
    this[kind]++;
  }

  /** Lets a reference be nobody's: of a message on its way. */
  part(kind: "own" | "lent"): void {
    this[kind]--;
    this.slab.note(holder, -1);
  }

  drop(kind: "own" | "lent"): void {
    this.part(kind);
    this.slab.drop();
  }
}
