import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";

/** A key of a state, as `by` of a stage gives it. */
export type Key = string | number;

/**
 * The state of a kernel by key, `ctx.state`. Values are copies: a change of one counts when it is `set`. With
 * `effects: "commit"`, the default of such a kernel, changes count when the messages in flight settle, together with
 * their outputs, and are discarded with a message that fails. Methods throw `TERMINATED` once the kernel has ended.
 */
export interface StateByKey<V> {
  /** Number of keys that have a value. */
  readonly size: number;
  /** The value of a key; a new initial one if it has none. */
  get(key: Key): V;
  /**
   * Throws `INVALID_ARGUMENT` for a key that belongs to another worker of the stage, `INVALID_MESSAGE` for a value that
   * fails the schema, `SERIALIZATION` for one that cannot be copied.
   */
  set(key: Key, value: V): void;
  /** Returns false if the key had no value. */
  delete(key: Key): boolean;
  has(key: Key): boolean;
  /** The keys of this worker that have a value, with their values. */
  entries(): IterableIterator<[Key, V]>;
}

/** A state by key, as the `state` of a kernel. `S`: the type of `ctx.state`. */
export interface KeyedState<out S> {
  readonly keyed: true;
  readonly initial: () => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: a schema may take anything
  readonly schema: StandardSchemaV1<any, unknown> | undefined;
  /** For the compiler only. */
  readonly "~state"?: S;
}

/**
 * Gives a kernel a state for each key: `ctx.state`. In a stage with several workers, the keys are those of `by`, and the
 * state of a key moves with its messages when the number of workers changes. The state is part of the checkpoint; only
 * what a message changes is saved with it. Throws `INVALID_ARGUMENT`.
 *
 * @param initial - makes the value of a key that has none
 * @param options - `schema`: a synchronous schema of a value; it must accept its own output. Default: anything that can be copied
 *
 * @example
 * export const count = defineKernel({
 *   id: "count",
 *   module: import.meta.url,
 *   input: Order,
 *   output: Count,
 *   state: keyed(() => 0),
 *   handle({ customer }, ctx) {
 *     const orders = ctx.state.get(customer) + 1;
 *     ctx.state.set(customer, orders);
 *     return Count({ customer, orders });
 *   },
 * });
 */
export function keyed<V>(
  initial: () => V,
  // biome-ignore lint/suspicious/noExplicitAny: a schema may take anything
  options: { readonly schema?: StandardSchemaV1<any, V> | undefined } = {},
): KeyedState<StateByKey<V>> {
  checkOptions(options, ["schema"], "`keyed`");
  if (typeof initial !== "function") {
    const remedy = "Pass a function that makes the value of a key: `keyed(() => 0)`.";
    throw new errors.INVALID_ARGUMENT({ argument: "initial", value: initial }, { remedy });
  }
  return Object.freeze({ keyed: true, initial, schema: options.schema });
}

/** The state by key of a kernel that has one. */
export type StateOf<S> = [S] extends [StateByKey<infer V>] ? StateByKey<V> : undefined;

/**
 * Index of a worker, always the same for the same key: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv) of its text.
 */
export function workerOf(key: Key, workers: number): number {
  const text = String(key);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % workers;
}
