/** Maximum number of objects that are searched linearly. */
const FEW = 8;

/** The objects of a value, numbered in order of occurrence. */
export class Seen {
  size = 0;
  readonly #few: (object | undefined)[] = new Array(FEW).fill(undefined);
  /** All objects in order, once there are more than `FEW`: adding to a set costs half of what adding to a map does. */
  #all: Set<object> | undefined;
  /** Numbers of the objects, once one of the many occurs again. */
  #numbers: Map<object, number> | undefined;

  /** The number of a known object; -1 for a new one, which gets the next number. */
  find(object: object): number {
    const { size } = this;
    if (size > FEW) return this.#findInAll(object, this.#all as Set<object>);
    const few = this.#few;
    for (let i = 0; i < size; i++) if (few[i] === object) return i;
    if (size < FEW) few[size] = object;
    else this.#all = new Set([...(few as object[]), object]);
    this.size = size + 1;
    return -1;
  }

  #findInAll(object: object, all: Set<object>): number {
    const { size } = this;
    all.add(object);
    if (all.size === size) return this.#numberOf(object);
    this.#numbers?.set(object, size);
    this.size = size + 1;
    return -1;
  }

  #numberOf(object: object): number {
    this.#numbers ??= new Map([...(this.#all as Set<object>)].map((one, i) => [one, i]));
    return this.#numbers.get(object) as number;
  }

  /** Forgets all objects but the first `size`. */
  cut(size: number): void {
    const few = this.#few;
    for (let i = size; i < this.size && i < FEW; i++) few[i] = undefined;
    if (this.#all !== undefined) {
      this.#all = size > FEW ? new Set([...this.#all].slice(0, size)) : undefined;
      this.#numbers = undefined;
    }
    this.size = size;
  }
}
