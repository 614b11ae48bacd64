import type { AnyMessageType, HandleContext, Kernel, MessageOf, OneOrMore } from "@ringline/core";
import { checkFunctions, checkSpan } from "./check.js";
import { type FieldOf, keyReader, timeReader } from "./field.js";
import { JoinOperator } from "./join-operator.js";
import { perIncarnation, type StreamKernelOptions, streamKernel } from "./stream-kernel.js";
import type { Results } from "./window-result.js";

/** Options of `defineJoinKernel`. */
export interface JoinKernelOptions<
  Id extends string,
  L extends AnyMessageType,
  R extends AnyMessageType,
  O extends OneOrMore,
> extends StreamKernelOptions<Id> {
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
  /**
   * Milliseconds of event time by which an event may come after a later one of its type.
   *
   * @default 0
   */
  readonly outOfOrder?: number | undefined;
  /** Output for each pair. */
  readonly join: (left: MessageOf<L>, right: MessageOf<R>) => Results<MessageOf<O>>;
  /**
   * Output for an event that has met no other once none can come any more.
   *
   * @default none
   */
  readonly unmatched?: ((event: MessageOf<L> | MessageOf<R>) => Results<MessageOf<O>>) | undefined;
}

/**
 * Defines a kernel that joins two streams: each pair of a left and a right event of one key whose times are at most
 * `within` milliseconds apart. Events are kept until the watermark, which is that of the slower stream, has passed the
 * last time that could match; an event that comes after that is a dead letter (`LATE_DATA`). A flush ends both streams
 * and restarts. As a stage with several workers, give `by` the same key.
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
  const { left, right, output, join, unmatched } = options;
  const time = timeReader<Event>(options.time);
  const key = keyReader<Event>("key", options.key);
  const within = checkSpan("within", options.within);
  const outOfOrder = checkSpan("outOfOrder", options.outOfOrder ?? 0);
  checkFunctions({ join });
  const plan = { within, outOfOrder, join, unmatched };

  const operatorOf = perIncarnation((ctx: Context) => {
    const operator = new JoinOperator<MessageOf<L>, MessageOf<R>, Out>(plan, ctx.kernelId);
    ctx.onFlush(async () => {
      for (const output of operator.end()) await ctx.send(output);
    });
    return operator;
  });

  function handle(event: Event, ctx: Context): Out[] {
    return operatorOf(ctx).accept(event, event.type === right.type ? "right" : "left", key(event), time(event));
  }

  return streamKernel(options, { input: [left, right], output, handle }) as Kernel<Id, Event, Out, never>;
}
