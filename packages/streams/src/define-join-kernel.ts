import {
  type AnyMessageType,
  defineKernel,
  errors,
  type HandleContext,
  type Kernel,
  type MessageOf,
  type OneOrMore,
  type PortOptions,
  type Supervision,
} from "@ringline/core";
import { checkSpan, type FieldOf, keyReader, timeReader } from "./field.js";
import type { Key } from "./pane.js";
import { TimeQueue } from "./time-queue.js";
import { Watermark } from "./watermark.js";
import type { Results } from "./window-result.js";

/** Options of `defineJoinKernel`. */
export interface JoinKernelOptions<
  Id extends string,
  L extends AnyMessageType,
  R extends AnyMessageType,
  O extends OneOrMore,
> extends PortOptions {
  readonly id: Id;
  /** `import.meta.url`, as for `defineKernel`. */
  readonly module?: string | undefined;
  /** The two streams, each a message type of its own. */
  readonly left: L;
  readonly right: R;
  readonly output: O;
  /** Event time: a field of both types or a function, as for `defineWindowKernel`. */
  readonly time: FieldOf<readonly [L, R], number | Date>;
  /** Events with the same key belong together: a field of both types or a function. */
  readonly key: FieldOf<readonly [L, R], string | number>;
  /** Milliseconds of event time by which two events may be apart, 0 or more. */
  readonly within: number;
  /** Milliseconds of event time by which an event may come after a later one of its type. Default 0. */
  readonly outOfOrder?: number | undefined;
  /** Output for each pair. */
  readonly join: (left: MessageOf<L>, right: MessageOf<R>) => Results<MessageOf<O>>;
  /** Output for an event that has met no other once none can come any more. Default: none. */
  readonly unmatched?: ((event: MessageOf<L> | MessageOf<R>) => Results<MessageOf<O>>) | undefined;
  readonly supervise?: Supervision | undefined;
}

interface Held<E> {
  readonly key: Key;
  readonly time: number;
  readonly event: E;
  isMatched: boolean;
}

/**
 * Defines a kernel that joins two streams: each pair of a left and a right event of one key whose times are at most
 * `within` milliseconds apart. Events are kept until the watermark, which is that of the slower stream, has passed the
 * last time that could match; an event that comes after that is a dead letter (`LATE_DATA`). A flush ends both streams
 * and begins anew. As a stage with several workers, give `by` the same key.
 *
 * @throws `INVALID_ARGUMENT`
 */
export function defineJoinKernel<
  const Id extends string,
  L extends AnyMessageType,
  R extends AnyMessageType,
  const O extends OneOrMore,
>(options: JoinKernelOptions<Id, L, R, O>): Kernel<Id, MessageOf<L> | MessageOf<R>, MessageOf<O>, never> {
  type Event = MessageOf<L> | MessageOf<R>;
  type Out = MessageOf<O>;
  type Context = HandleContext<Out>;
  const { id, module, left, right, output, join, unmatched } = options;
  const time = timeReader<Event>(options.time);
  const key = keyReader<Event>("key", options.key);
  const within = checkSpan("within", options.within);
  const outOfOrder = checkSpan("outOfOrder", options.outOfOrder ?? 0);
  if (typeof join !== "function") {
    const remedy = "`join` makes an output of a left and a right event.";
    throw new errors.INVALID_ARGUMENT({ argument: "join", value: join }, { remedy });
  }

  class Sides {
    readonly #byKey = new Map<Key, [left: Set<Held<Event>>, right: Set<Held<Event>>]>();
    readonly #ends = new TimeQueue<Held<Event>>();
    readonly #watermark = new Watermark(outOfOrder, Number.POSITIVE_INFINITY);
    readonly #seen = new Set<boolean>();

    accept(event: Event): Out[] {
      const isRight = event.type === right.type;
      const held = { key: key(event), time: time(event), event, isMatched: false };
      const watermark = this.#watermark.time;
      if (this.#seen.size === 2 && held.time + within < watermark) {
        throw new errors.LATE_DATA({ time: held.time, watermark }, { kernelId: id });
      }
      const sides = this.#byKey.get(held.key) ?? [new Set(), new Set()];
      const outputs: Out[] = [];
      const matches = [...sides[isRight ? 0 : 1]].filter((other) => Math.abs(other.time - held.time) <= within);
      for (const other of matches) {
        const [l, r] = isRight ? [other.event, event] : [event, other.event];
        append(outputs, join(l as MessageOf<L>, r as MessageOf<R>));
      }
      for (const other of matches) other.isMatched = true;
      held.isMatched = matches.length > 0;
      sides[isRight ? 1 : 0].add(held);
      this.#byKey.set(held.key, sides);
      this.#ends.add(held.time + within, held);
      this.#seen.add(isRight);
      // while one stream has not begun, it may still match everything
      if (this.#watermark.observe(isRight ? "right" : "left", held.time) && this.#seen.size === 2) {
        this.expire(this.#watermark.time, outputs);
      }
      return outputs;
    }

    /** Drops events that nothing can match once the watermark has reached this time. */
    expire(watermark: number, outputs: Out[]): Out[] {
      const isOver = watermark === Number.POSITIVE_INFINITY;
      for (let entry = this.#ends.take(watermark); entry !== undefined; entry = this.#ends.take(watermark)) {
        const held = entry.item;
        if (entry.at === watermark && !isOver) {
          this.#ends.add(entry.at, held); // an event of exactly this time can still come
          break;
        }
        const sides = this.#byKey.get(held.key);
        for (const side of sides ?? []) side.delete(held);
        if (sides?.every(({ size }) => size === 0)) this.#byKey.delete(held.key);
        if (!held.isMatched && unmatched !== undefined) append(outputs, unmatched(held.event));
      }
      return outputs;
    }
  }

  const all = new WeakMap<Context, Sides>();

  function begin(ctx: Context): Sides {
    if (!all.has(ctx)) {
      ctx.onFlush(async () => {
        const ended = all.get(ctx) as Sides;
        all.set(ctx, new Sides());
        for (const one of ended.expire(Number.POSITIVE_INFINITY, [])) await ctx.send(one);
      });
    }
    const sides = new Sides();
    all.set(ctx, sides);
    return sides;
  }

  return defineKernel({
    ...{ id, module, input: [left, right], output, supervise: options.supervise },
    ...{ queueSize: options.queueSize, backpressure: options.backpressure },
    handle: (event: Event, ctx: Context) => (all.get(ctx) ?? begin(ctx)).accept(event),
  } as never) as unknown as Kernel<Id, Event, Out, never>;
}

function append<T>(list: T[], results: Results<T>): void {
  if (Array.isArray(results)) list.push(...results);
  else if (results !== undefined) list.push(results as T);
}
