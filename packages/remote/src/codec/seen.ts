/** Maximum number of objects that are searched linearly. */
const FEW = 8;

/** The objects of a value, numbered in order of occurrence. */
export class Seen {
  size = 0;
  readonly #few: (object | undefined)[] = new Array(FEW).fill(undefined);
  /** All objects, once there are more than `FEW`. */
  #all: Map<object, number> | undefined;

  /** The number of a known object; -1 for a new one, which gets the next number. */
  find(object: object): number {
    const { size } = this;
    const all = this.#all;
    if (all !== undefined) {
      const known = all.get(object);
      if (known !== undefined) return known;
      all.set(object, size);
    } else {
      const few = this.#few;
      for (let i = 0; i < size; i++) if (few[i] === object) return i;
      if (size < FEW) few[size] = object;
      else this.#all = new Map([...few, object].map((one, i) => [one as object, i]));
    }
    this.size = size + 1;
    return -1;
  }

  /** Forgets all objects. */
  clear(): void {
    const { size } = this;
    const few = this.#few;
    if (size > FEW) this.#all = undefined;
    for (let i = 0; i < size && i < FEW; i++) few[i] = undefined;
    this.size = 0;
  }

  /** Forgets all objects but the first `size`. */
  cut(size: number): void {
    if (this.#all !== undefined) {
      this.#all = size > FEW ? new Map([...this.#all].slice(0, size)) : undefined;
    }
    for (let i = size; i < this.size && i < FEW; i++) this.#few[i] = undefined;
    this.size = size;
  }
}
