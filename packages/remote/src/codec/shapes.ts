/** Type and field names that messages share: sent once, then referred to by number. */
export interface Shape {
  readonly id: number;
  readonly type: string;
  readonly keys: readonly string[];
}

/** Maximum number of shapes of one place; further messages carry their field names. */
const MOST = 1024;

/** Shapes of the messages that a place sends. */
export class Shapes {
  readonly list: Shape[] = [];
  /** The latest shape of each type: most types have one. */
  readonly #latest = new Map<string, Shape>();
  readonly #all = new Map<string, Shape>();

  #last: Shape | undefined;
  readonly #most: number;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** The shape of a body; undefined when there are too many shapes. */
  of(type: string, body: object): Shape | undefined {
    const last = this.#last;
    if (last !== undefined && last.type === type && fits(body, last.keys)) return last;
    this.#last = this.#of(type, body);
    return this.#last;
  }

  #of(type: string, body: object): Shape | undefined {
    const latest = this.#latest.get(type);
    if (latest !== undefined && fits(body, latest.keys)) return latest;
    return this.#find(type, Object.keys(body));
  }

  #find(type: string, keys: readonly string[]): Shape | undefined {
    const name = JSON.stringify([type, keys]);
    let shape = this.#all.get(name);
    if (shape === undefined) {
      if (this.list.length >= this.#most) return undefined;
      shape = { id: this.list.length, type, keys };
      this.list.push(shape);
      this.#all.set(name, shape);
    }
    this.#latest.set(type, shape);
    return shape;
  }
}

function fits(body: object, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in body) if (key !== keys[i++]) return false;
  return i === keys.length;
}
