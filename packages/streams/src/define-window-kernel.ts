import {
  type DurableState,
  errors,
  type HandleContext,
  type Kernel,
  type MessageOf,
  type OneOrMore,
} from "@ringline/core";
import { checkFunctions, checkSpan, invalid } from "./check.js";
import { type FieldOf, keyReader, timeReader } from "./field.js";
import { perIncarnation, type StreamKernelOptions, streamKernel } from "./stream-kernel.js";
import type { Window } from "./window.js";
import { type SavedWindows, WindowOperator } from "./window-operator.js";
import type { Results, WindowInfo } from "./window-result.js";

/** Options of `defineWindowKernel`. */
export interface WindowKernelOptions<Id extends string, I extends OneOrMore, O extends OneOrMore, A>
  extends StreamKernelOptions<Id> {
  /** Events: one message type, or a list. */
  readonly input: I;
  /** Results: one message type, or a list. */
  readonly output: O;
  /** `tumbling`, `sliding` or `session`. */
  readonly window: Window;
  /** Event time: a field or a function that gives milliseconds since the epoch, or a `Date`. */
  readonly time: FieldOf<I, number | Date>;
  /**
   * Each key has windows of its own.
   *
   * @default one window for all events
   */
  readonly key?: FieldOf<I, string | number> | undefined;
  /**
   * Sources that progress each at their own pace: the watermark is that of the slowest.
   *
   * @default one source
   */
  readonly source?: FieldOf<I, string | number> | undefined;
  /**
   * Milliseconds of event time by which an event may come after a later one of its source.
   *
   * @default 0
   */
  readonly outOfOrder?: number | undefined;
  /**
   * Milliseconds of event time by which a source falls behind the most advanced one until it no longer holds the
   * watermark back.
   *
   * @default Infinity
   */
  readonly idle?: number | undefined;
  /**
   * Milliseconds of event time that a window accepts events after the watermark has passed it; each gives one more
   * result.
   *
   * @default 0
   */
  readonly allowedLateness?: number | undefined;
  /**
   * Destination of an event whose windows accept no more: a dead letter (`LATE_DATA`), or an output that a function
   * makes of it.
   *
   * @default "dead-letter"
   */
  readonly late?: "dead-letter" | ((event: MessageOf<I>) => Results<MessageOf<O>>) | undefined;
  /**
   * A window has an early result after every so many events, an integer, at least 1.
   *
   * @default none
   */
  readonly early?: number | undefined;
  /** Value of a window without events. */
  readonly initial: () => A;
  /** Value with one event more. May change and return the value it was given. */
  readonly add: (value: A, event: MessageOf<I>) => A;
  /** Value of two sessions that an event connects. Required for `session`. */
  readonly merge?: ((earlier: A, later: A) => A) | undefined;
  /** Output for a window: one message, several, or undefined for none. */
  readonly result: (value: A, window: WindowInfo) => Results<MessageOf<O>>;
  /**
   * Keeps open windows for the next incarnation: "checkpoint" over a crash, a durable state over the end of the
   * program. They are saved with each event, so the cost grows with the number of open windows.
   *
   * @default not kept
   */
  readonly state?: "checkpoint" | Pick<DurableState<unknown>, "durable" | "version"> | undefined;
}

/**
 * Defines a kernel that collects events in windows of event time, and sends a result for each window once the
 * watermark has passed its end: the latest event time less `outOfOrder`. The end of a flow's source, and every other
 * flush, closes all windows in the order of their ends and restarts. As a stage with several workers, give `by` the
 * same key, so that one worker has all events of a key. The model is that of Akidau et al., "The Dataflow Model" (2015).
 *
 * @throws `INVALID_ARGUMENT`
 *
 * @example
 * ```ts
 * export const perMinute = defineWindowKernel({
 *   id: "per-minute", module: import.meta.url, input: Click, output: Clicks,
 *   window: tumbling(60_000), time: "at", key: "user", outOfOrder: 5_000,
 *   initial: () => 0,
 *   add: (count) => count + 1,
 *   result: (count, { key, from }) => Clicks({ user: key, from, count }),
 * });
 * ```
 */
export function defineWindowKernel<const Id extends string, const I extends OneOrMore, const O extends OneOrMore, A>(
  options: WindowKernelOptions<Id, I, O, A>,
): Kernel<Id, MessageOf<I>, MessageOf<O>, never> {
  type Event = MessageOf<I>;
  type Context = HandleContext<MessageOf<O>, Record<never, never>, SavedWindows<A>>;
  const { input, output, window, initial, add, merge, result, late = "dead-letter", state } = options;
  const { early = Number.POSITIVE_INFINITY, idle = Number.POSITIVE_INFINITY } = options;
  const time = timeReader<Event>(options.time);
  const key = options.key === undefined ? () => "" : keyReader<Event>("key", options.key);
  const source = options.source === undefined ? () => "" : keyReader<Event>("source", options.source);
  const outOfOrder = checkSpan("outOfOrder", options.outOfOrder ?? 0);
  const lateness = checkSpan("allowedLateness", options.allowedLateness ?? 0);
  checkSpan("idle", idle);
  if (early !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(early) && early >= 1)) {
    throw invalid("early", early, "`early` is a number of events, at least 1.");
  }
  if (window?.kind !== "aligned" && window?.kind !== "session") {
    throw invalid("window", window, "Use `tumbling`, `sliding` or `session`.");
  }
  if (window.kind === "session" && merge === undefined) {
    throw invalid("merge", merge, "An event can connect two sessions: say how their values become one.");
  }
  checkFunctions({ initial, add, result });
  if (late !== "dead-letter" && typeof late !== "function") {
    throw invalid("late", late, '`late` is "dead-letter" or a function of a message.');
  }

  const aggregate = { initial, add, merge: merge ?? ((value: A) => value) };
  const plan = { window, firing: { lateness, early }, aggregate, outOfOrder, idle, result };
  const keeps = state !== undefined;

  const operatorOf = perIncarnation((ctx: Context) => {
    const operator = new WindowOperator<Event, A, MessageOf<O>>(plan, keeps ? ctx.restored : undefined);
    ctx.onFlush(async () => {
      for (const output of operator.end()) await ctx.send(output);
      if (keeps) await ctx.checkpoint(operator.save());
    });
    return operator;
  });

  function accept(event: Event, ctx: Context): Results<MessageOf<O>> {
    const operator = operatorOf(ctx);
    const [at, name] = [time(event), key(event)];
    if (!operator.isLate(name, at)) return operator.accept(event, name, at, source(event));
    if (late !== "dead-letter") return late(event);
    throw new errors.LATE_DATA({ time: at, watermark: operator.watermark }, { kernelId: ctx.kernelId });
  }

  async function acceptAndSave(event: Event, ctx: Context): Promise<Results<MessageOf<O>>> {
    const outputs = accept(event, ctx);
    await ctx.checkpoint(operatorOf(ctx).save());
    return outputs;
  }

  const kept = typeof state === "object" ? { state } : {};
  return streamKernel(options, { input, output, handle: keeps ? acceptAndSave : accept, ...kept }) as Kernel<
    Id,
    MessageOf<I>,
    MessageOf<O>,
    never
  >;
}
