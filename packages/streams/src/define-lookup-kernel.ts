import type { AnyMessageType, HandleContext, Kernel, MessageOf, OneOrMore } from "@ringline/core";
import { checkFunctions, invalid } from "./check.js";
import { type FieldOf, keyReader } from "./field.js";
import type { Key } from "./pane.js";
import { perIncarnation, type StreamKernelOptions, streamKernel } from "./stream-kernel.js";
import type { Results } from "./window-result.js";

/** Options of `defineLookupKernel`. */
export interface LookupKernelOptions<
  Id extends string,
  T extends AnyMessageType,
  E extends AnyMessageType,
  O extends OneOrMore,
> extends StreamKernelOptions<Id> {
  /** Rows of the table: the latest of each key counts. */
  readonly table: T;
  /** Events, each to be joined with the row of its key. */
  readonly events: E;
  readonly output: O;
  /** Key of rows and events: a field of both types or a function. */
  readonly key: FieldOf<readonly [T, E], string | number>;
  /**
   * Maximum number of rows; beyond it the row that was updated longest ago is forgotten.
   *
   * @default Infinity
   */
  readonly maxRows?: number | undefined;
  /** Output for an event and the row of its key; undefined for the row if there is none. */
  readonly join: (event: MessageOf<E>, row: MessageOf<T> | undefined) => Results<MessageOf<O>>;
}

/**
 * Defines a kernel that enriches events by a table: rows are messages too, and the latest of each key is kept. As a
 * stage with several workers, give `by` the same key.
 *
 * @throws `INVALID_ARGUMENT`
 */
export function defineLookupKernel<
  const Id extends string,
  T extends AnyMessageType,
  E extends AnyMessageType,
  const O extends OneOrMore,
>(options: LookupKernelOptions<Id, T, E, O>): Kernel<Id, MessageOf<T> | MessageOf<E>, MessageOf<O>, never> {
  type Input = MessageOf<T> | MessageOf<E>;
  type Context = HandleContext<MessageOf<O>>;
  const { table, events, output, join, maxRows = Number.POSITIVE_INFINITY } = options;
  const key = keyReader<Input>("key", options.key);
  checkFunctions({ join });
  if (!(maxRows >= 1)) throw invalid("maxRows", maxRows, "`maxRows` is a number of rows, at least 1.");
  const tableOf = perIncarnation((_: Context) => new Map<Key, MessageOf<T>>());

  function handle(message: Input, ctx: Context): Results<MessageOf<O>> {
    const rows = tableOf(ctx);
    const name = key(message);
    if (message.type === events.type) return join(message as MessageOf<E>, rows.get(name));
    rows.delete(name); // so that it becomes the latest
    rows.set(name, message as MessageOf<T>);
    if (rows.size > maxRows) rows.delete(rows.keys().next().value as Key);
    return undefined;
  }

  return streamKernel(options, { input: [table, events], output, handle }) as Kernel<Id, Input, MessageOf<O>, never>;
}
