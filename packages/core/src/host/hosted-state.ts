import { errors } from "../errors/ringline-error.js";
import { type Key, type StateByKey, workerOf } from "../kernels/keyed.js";
import type { KeyShare } from "../seam/incarnation.js";

/** The values of keys as an incarnation starts with them, and later as they are saved. */
export type KeyedValues = ReadonlyMap<Key, unknown>;

/** Changes of a state by key, as data: the new values, and the keys that have none any more. */
export interface KeyedChanges {
  readonly set: readonly (readonly [Key, unknown])[];
  readonly deleted: readonly Key[];
}

/** The host of a body whose state is kept by key. */
interface StateHost {
  readonly kernelId: string;
  readonly share: KeyShare | undefined;
  /** Throws `TERMINATED` once the incarnation has ended. */
  check(): void;
  /** Returns the valid copy of a value. Throws `INVALID_MESSAGE`, `SERIALIZATION`. */
  checked(value: unknown): unknown;
  copyOf(value: unknown): unknown;
  /** Saves the changes, at once or when the messages in flight settle. */
  changed(): void;
}

const DELETED = Symbol("deleted");

/** The state by key of one incarnation: `ctx.state`. */
export class HostedState implements StateByKey<unknown> {
  readonly #initial: () => unknown;
  readonly #host: StateHost;
  readonly #values: Map<Key, unknown>;
  /** Changes that are not settled. */
  readonly #changes = new Map<Key, unknown>();

  constructor(initial: () => unknown, values: KeyedValues | undefined, host: StateHost) {
    this.#initial = initial;
    this.#values = new Map(values);
    this.#host = host;
  }

  get size(): number {
    let size = this.#values.size;
    for (const [key, value] of this.#changes) {
      if (value === DELETED) size--;
      else if (!this.#values.has(key)) size++;
    }
    return size;
  }

  get(key: Key): unknown {
    this.#host.check();
    const value = this.#find(key);
    return value === DELETED ? this.#initial() : this.#host.copyOf(value);
  }

  set(key: Key, value: unknown): void {
    this.#checkKey(key);
    this.#changes.set(key, this.#host.checked(value));
    this.#host.changed();
  }

  delete(key: Key): boolean {
    this.#checkKey(key);
    if (this.#find(key) === DELETED) return false;
    if (this.#values.has(key)) this.#changes.set(key, DELETED);
    else this.#changes.delete(key);
    this.#host.changed();
    return true;
  }

  has(key: Key): boolean {
    this.#host.check();
    return this.#find(key) !== DELETED;
  }

  *entries(): IterableIterator<[Key, unknown]> {
    for (const key of new Set([...this.#values.keys(), ...this.#changes.keys()])) {
      if (this.has(key)) yield [key, this.get(key)];
    }
  }

  /** The changes that are not settled. */
  get changes(): KeyedChanges {
    const set: (readonly [Key, unknown])[] = [];
    const deleted: Key[] = [];
    for (const [key, value] of this.#changes) {
      if (value === DELETED) deleted.push(key);
      else set.push([key, value]);
    }
    return { set, deleted };
  }

  /** Makes the changes part of the state: the messages that led to them are done. */
  settled(): void {
    if (this.#changes.size === 0) return;
    apply(this.changes, this.#values);
    this.#changes.clear();
  }

  /** Discards the changes: the message that led to them has failed. */
  discard(): void {
    this.#changes.clear();
  }

  #find(key: Key): unknown {
    if (this.#changes.has(key)) return this.#changes.get(key);
    return this.#values.has(key) ? this.#values.get(key) : DELETED;
  }

  #checkKey(key: Key): void {
    const { kernelId, share } = this.#host;
    this.#host.check();
    const isKey = typeof key === "string" || typeof key === "number";
    if (isKey && (share === undefined || workerOf(key, share.of) === share.index)) return;
    const remedy = isKey
      ? "The key belongs to another worker of the stage: use the one that `by` gives for the message."
      : "A key is a string or a number.";
    throw new errors.INVALID_ARGUMENT({ argument: "key", value: key }, { kernelId, remedy });
  }
}

/** Applies changes to values. */
export function apply({ set, deleted }: KeyedChanges, values: Map<Key, unknown>): void {
  for (const [key, value] of set) values.set(key, value);
  for (const key of deleted) values.delete(key);
}

/** Deals the values of all workers among so many. */
export function dealt(all: readonly (KeyedValues | undefined)[], workers: number): readonly Map<Key, unknown>[] {
  const shares = Array.from({ length: workers }, () => new Map<Key, unknown>());
  for (const values of all) {
    for (const [key, value] of values ?? []) shares[workerOf(key, workers)]?.set(key, value);
  }
  return shares;
}
