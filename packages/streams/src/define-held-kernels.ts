import {
  type AnyMessageType,
  isRinglineError,
  type Kernel,
  type ManualContext,
  type MessageOf,
  type OneOrMore,
} from "@ringline/core";
import { positive } from "./check.js";
import { keyReader } from "./field.js";
import type { Key } from "./pane.js";
import { type PassingKernelOptions, streamKernel } from "./stream-kernel.js";

/** Options of `defineDebounceKernel`. */
export interface DebounceKernelOptions<Id extends string, I extends OneOrMore> extends PassingKernelOptions<Id, I> {
  /** Milliseconds without a message of its key after which a message is passed on, more than 0. */
  readonly wait: number;
}

/**
 * Defines a kernel that passes a message on once no other one of its key has come for `wait` milliseconds. A message that
 * is replaced by a later one is done, without an output. The latest of each key stays in flight until it is passed on: it
 * counts in the ledger and as an input of its flow, is redelivered after a crash with `onCrash: "retry"`, and `drain`
 * waits for it. As a stage with several workers, give `by` the same key.
 *
 * @throws `INVALID_ARGUMENT`
 */
export function defineDebounceKernel<const Id extends string, const I extends OneOrMore>(
  options: DebounceKernelOptions<Id, I>,
): Kernel<Id, MessageOf<I>, MessageOf<I>, never> {
  return heldKernel(options, positive("wait", options.wait), true);
}

/** Options of `defineSampleKernel`. */
export interface SampleKernelOptions<Id extends string, I extends OneOrMore> extends PassingKernelOptions<Id, I> {
  /** Milliseconds from the first message of a key until its latest one is passed on, more than 0. */
  readonly every: number;
}

/**
 * Defines a kernel that passes on the latest message of each key, once in `every` milliseconds at most: the first message of
 * a key begins a span, and the latest at its end is passed on. The others are done, without an output. Messages in flight
 * are kept as by `defineDebounceKernel`.
 *
 * @throws `INVALID_ARGUMENT`
 */
export function defineSampleKernel<const Id extends string, const I extends OneOrMore>(
  options: SampleKernelOptions<Id, I>,
): Kernel<Id, MessageOf<I>, MessageOf<I>, never> {
  return heldKernel(options, positive("every", options.every), false);
}

interface Held<M> {
  readonly message: M;
  /** Time at which it is passed on. */
  readonly due: number;
}

/** `restarts`: a later message of the key begins a new span. */
function heldKernel<Id extends string, I extends OneOrMore>(
  options: PassingKernelOptions<Id, I>,
  span: number,
  restarts: boolean,
): Kernel<Id, MessageOf<I>, MessageOf<I>, never> {
  type M = MessageOf<I>;
  const { input } = options;
  const key = options.key === undefined ? () => "" : keyReader<M>("key", options.key);
  const types = new Map(
    ([input].flat() as AnyMessageType[]).map((type) => [type.type, type as unknown as MakeMessage<M>]),
  );

  async function run(ctx: ManualContext<M, M>): Promise<void> {
    // all spans are equally long: the order of the entries is that of their ends
    const latest = new Map<Key, Held<M>>();

    function hold(message: M): void {
      const name = key(message);
      const before = latest.get(name);
      if (before !== undefined && restarts) latest.delete(name);
      const due = before === undefined || restarts ? ctx.clock.now() + span : before.due;
      latest.set(name, { message, due });
      if (before !== undefined) ctx.settle(before.message);
    }

    async function passDue(): Promise<void> {
      for (const [name, { message, due }] of latest) {
        if (due > ctx.clock.now()) return;
        latest.delete(name);
        await ctx.send((types.get(message.type) as MakeMessage<M>)({ ...message }, { replyTo: message }));
        ctx.settle(message);
      }
    }

    while (!ctx.shouldTerminate) {
      const [first] = latest.values();
      const message = await receiveUntil(ctx, first?.due);
      if (message !== undefined) hold(message);
      await passDue();
    }
  }

  return streamKernel(options, { input, output: input, ack: "manual", run }) as Kernel<Id, M, M, never>;
}

type MakeMessage<M> = (body: object, header: { readonly replyTo: M }) => M;

/** The next message; undefined if none has come by `due`, or the kernel is to end. */
async function receiveUntil<M>(ctx: ManualContext<M, M>, due: number | undefined): Promise<M | undefined> {
  const ready = ctx.tryReceive();
  if (ready !== undefined) return ready;
  const timeout = due === undefined ? undefined : Math.max(0, due - ctx.clock.now());
  if (timeout === 0) return undefined;
  try {
    return await ctx.receive({ timeout });
  } catch (error) {
    if (isRinglineError(error, "TIMEOUT") || (ctx.shouldTerminate && isRinglineError(error, "TERMINATED"))) {
      return undefined;
    }
    throw error;
  }
}
