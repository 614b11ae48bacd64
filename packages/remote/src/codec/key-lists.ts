/** Maximum number of fields of an object that is written with a numbered key list. */
export const MOST_NAMES = 24;
/** Maximum number of key lists that a writer keeps from one value to the next. */
const MOST_LISTS = 1024;

/** The names of an object's fields, in order. `next` predicts the list of the next object. */
export class KeyList {
  /** Number of the list within the current value; -1 before its first use there. */
  number = -1;
  next: KeyList | undefined;
  readonly longer = new Map<string, KeyList>();

  constructor(readonly keys: readonly string[]) {}
}

/** Key lists: an object whose field names occurred before is written with the number of their list. */
export class KeyLists {
  #root = new KeyList([]);
  #last = this.#root;
  #count = 0;
  /** Key lists of the value that is being written. */
  readonly #used: KeyList[] = [];

  /** The key list of an object; undefined if it has too many names, or too many lists are known. */
  of(object: object): KeyList | undefined {
    const expected = this.#last.next;
    if (expected !== undefined && fits(object, expected.keys)) {
      this.#last = expected;
      return expected;
    }
    const keys = Object.keys(object);
    if (keys.length > MOST_NAMES) return undefined;
    const list = this.#find(keys);
    if (list === undefined) return undefined;
    this.#last.next = list;
    this.#last = list;
    return list;
  }

  #find(keys: readonly string[]): KeyList | undefined {
    let list = this.#root;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      let longer = list.longer.get(key);
      if (longer === undefined) {
        if (this.#count === MOST_LISTS) return undefined;
        longer = new KeyList(keys.slice(0, i + 1));
        list.longer.set(key, longer);
        this.#count++;
      }
      list = longer;
    }
    return list;
  }

  /** Numbers a list that is written for the first time. */
  number(list: KeyList): void {
    list.number = this.#used.length;
    this.#used.push(list);
  }

  get used(): number {
    return this.#used.length;
  }

  /** Forgets the numbers from `size` on. */
  cut(size: number): void {
    while (this.#used.length > size) (this.#used.pop() as KeyList).number = -1;
    if (size > 0 || this.#count < MOST_LISTS) return;
    this.#root = new KeyList([]);
    this.#last = this.#root;
    this.#count = 0;
  }
}

function fits(object: object, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in object) if (key !== keys[i++]) return false;
  return i === keys.length;
}
