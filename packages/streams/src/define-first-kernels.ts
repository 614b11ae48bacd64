import type { HandleContext, Kernel, MessageOf, OneOrMore } from "@ringline/core";
import { positive } from "./check.js";
import { type FieldOf, keyReader } from "./field.js";
import type { Key } from "./pane.js";
import { type PassingKernelOptions, perIncarnation, streamKernel } from "./stream-kernel.js";

/** Options of `defineThrottleKernel`. */
export interface ThrottleKernelOptions<Id extends string, I extends OneOrMore> extends PassingKernelOptions<Id, I> {
  /** Milliseconds after a message that was passed on in which others of its key are not, more than 0. */
  readonly every: number;
}

/**
 * Defines a kernel that passes on the first message of each key, and no other one of it for `every` milliseconds. Those
 * are done, without an output. An incarnation begins without a memory. As a stage with several workers, give `by` the
 * same key.
 *
 * @throws `INVALID_ARGUMENT`
 */
export function defineThrottleKernel<const Id extends string, const I extends OneOrMore>(
  options: ThrottleKernelOptions<Id, I>,
): Kernel<Id, MessageOf<I>, MessageOf<I>, never> {
  return firstKernel(options, options.key, positive("every", options.every));
}

/** Options of `defineDistinctKernel`. */
export interface DistinctKernelOptions<Id extends string, I extends OneOrMore> extends PassingKernelOptions<Id, I> {
  /** Messages with the same key are duplicates. */
  readonly key: FieldOf<I, string | number>;
  /** Milliseconds after the first message of a key in which others of it are duplicates, more than 0. */
  readonly within: number;
}

/**
 * Defines a kernel that passes on each message whose key it has not seen `within` the last milliseconds. Duplicates are
 * done, without an output. It remembers the keys of that time, and an incarnation begins without a memory. As a stage with
 * several workers, give `by` the same key.
 *
 * @throws `INVALID_ARGUMENT`
 */
export function defineDistinctKernel<const Id extends string, const I extends OneOrMore>(
  options: DistinctKernelOptions<Id, I>,
): Kernel<Id, MessageOf<I>, MessageOf<I>, never> {
  return firstKernel(options, options.key ?? null, positive("within", options.within));
}

/** `key`: undefined for one key for all messages. */
function firstKernel<Id extends string, I extends OneOrMore>(
  options: PassingKernelOptions<Id, I>,
  key: unknown,
  span: number,
): Kernel<Id, MessageOf<I>, MessageOf<I>, never> {
  type M = MessageOf<I>;
  const { input } = options;
  const read = key === undefined ? () => "" : keyReader<M>("key", key);
  /** Keys with the time at which they are forgotten, earliest first. */
  const memoryOf = perIncarnation((_: HandleContext<M>) => new Map<Key, number>());

  function handle(message: M, ctx: HandleContext<M>): M | undefined {
    const memory = memoryOf(ctx);
    const now = ctx.clock.now();
    for (const [name, end] of memory) {
      if (end > now) break;
      memory.delete(name);
    }
    const name = read(message);
    if (memory.has(name)) return undefined;
    memory.set(name, now + span);
    return message;
  }

  return streamKernel(options, { input, output: input, handle }) as Kernel<Id, M, M, never>;
}
