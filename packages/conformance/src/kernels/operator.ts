import {
  body,
  defineKernel,
  defineMessage,
  isRinglineError,
  type KernelContext,
  type ManualContext,
  type MessageOf,
} from "@ringline/core";
import { Done, Job } from "./jobs.js";

/** An order to the operator: to call its context once, or several times concurrently. */
export const Order = defineMessage(
  "Order",
  body<{
    readonly call:
      | "receive"
      | "tryReceive"
      | "receiveBatch"
      | "send"
      | "waitActive"
      | "sendTo"
      | "receiveFrom"
      | "request"
      | "settle"
      | "look"
      | "throw"
      | "return";
    /** Number of concurrent calls, default 1. */
    readonly times?: number;
    readonly timeout?: number;
    /** Milliseconds after which the call's signal aborts; 0: it is aborted already. */
    readonly abortAfter?: number;
    readonly max?: number;
    readonly linger?: number;
    /** Number of the first message that is sent, or of the one to settle. */
    readonly n?: number;
    readonly rank?: number;
  }>(),
);
export type Order = MessageOf<typeof Order>;

/** Result of a call: the numbers of the messages that it returned, or the code of its error. */
export interface Outcome {
  readonly code: string | null;
  readonly ns: readonly number[];
}

export const Report = defineMessage(
  "Report",
  body<{ readonly phase: "begun" | "ended"; readonly outcomes: readonly Outcome[] }>(),
);
export type Report = MessageOf<typeof Report>;

/** The kernel to which the host sends orders; the operator reads its output. */
export const orders = defineKernel({
  id: "orders",
  module: import.meta.url,
  input: Order,
  output: Order,
  handle: (order) => Order({ ...order }),
});
/** The kernel from which the host reads the reports. */
export const reports = defineKernel({
  id: "reports",
  module: import.meta.url,
  input: Report,
  output: Report,
  handle: ({ phase, outcomes }) => Report({ phase, outcomes }),
});
/**
 * The same for an operator that sends requests, as its outputs are held: the first report answers, the second is read.
 */
export const clerk = defineKernel({
  id: "clerk",
  module: import.meta.url,
  input: Report,
  output: Report,
  handle: ({ phase, outcomes }) => [Report({ phase, outcomes }), Report({ phase, outcomes })],
});
/** The usual peer of the operator: any kernel launched under this id. */
export const target = defineKernel({
  id: "target",
  module: import.meta.url,
  input: Job,
  output: Done,
  handle: ({ n }) => Done({ n, from: "", output: 0, by: "target" }),
});

const peers = { orders, reports, target };
type Ctx = KernelContext<Job, Done, typeof peers>;

/** Makes one call of the context by an order; returns the numbers of the received messages. */
async function call(ctx: Ctx, order: Order, n: number, held: Map<number, Job>): Promise<readonly number[]> {
  const { timeout, abortAfter, max = 1, linger, rank } = order;
  const signal =
    abortAfter === undefined ? undefined : abortAfter === 0 ? AbortSignal.abort() : AbortSignal.timeout(abortAfter);
  const wait = { timeout, signal };
  const take = (...jobs: Job[]) => {
    for (const job of jobs) held.set(job.n, job);
    return jobs.map((job) => job.n);
  };
  switch (order.call) {
    case "receive":
      return take(await ctx.receive(wait));
    case "tryReceive": {
      const job = ctx.tryReceive();
      return job === undefined ? [] : take(job);
    }
    case "receiveBatch":
      return take(...(await ctx.receiveBatch({ max, ...(linger !== undefined && { linger }), ...wait })));
    case "send":
      await ctx.send(Done({ n, from: "", output: 0, by: ctx.kernelId }, { priority: rank }), wait);
      return [];
    case "waitActive":
      await ctx.waitActive(wait);
      return [];
    case "sendTo":
      await ctx.peers.target.send(Job({ n }, { priority: rank }), wait);
      return [];
    case "receiveFrom":
      return [(await ctx.peers.target.receive(wait)).n];
    case "request":
      return [(await ctx.peers.target.request(Job({ n }, { priority: rank }), wait)).n];
    case "settle":
      (ctx as ManualContext<Job, Done, typeof peers>).settle(held.get(n) as Job); // without "manual" it throws
      return [];
    case "look":
      return [Number(ctx.isActive), Number(ctx.shouldTerminate), Number(ctx.signal.aborted)];
    default:
      throw new RangeError("the operator was told to throw");
  }
}

/** Headers of reports, which neither expire with the message in hand nor overtake each other by its priority. */
const REPORTED = { expiresIn: Number.POSITIVE_INFINITY, priority: 128 };

/** Executes one order at a time; reports before the calls wait and when they have settled. */
async function operate(ctx: Ctx, tell: (report: Report) => Promise<unknown>): Promise<void> {
  const held = new Map<number, Job>();
  for (;;) {
    const order = await ctx.peers.orders.receive({ signal: ctx.signal });
    if (order.call === "return") return;
    const calls = Array.from({ length: order.times ?? 1 }, (_, i) => call(ctx, order, (order.n ?? 0) + i, held));
    if (order.call === "throw") await calls[0];
    const ended = Promise.all(calls.map(outcome));
    await tell(Report({ phase: "begun", outcomes: [] }, REPORTED));
    await tell(Report({ phase: "ended", outcomes: await ended }, REPORTED));
  }
}

async function outcome(call: Promise<readonly number[]>): Promise<Outcome> {
  try {
    return { code: null, ns: await call };
  } catch (error) {
    return { code: isRinglineError(error) ? error.code : String(error), ns: [] };
  }
}

/** Ends like a loop that is asked to end, even if its peers have ended before. */
async function untilEnd(
  ctx: Ctx,
  tell = (report: Report): Promise<unknown> => ctx.peers.reports.send(report),
): Promise<void> {
  try {
    await operate(ctx, tell);
  } catch (error) {
    if (!isRinglineError(error, "TERMINATED", "ABORTED")) throw error;
  }
}

const common = { module: import.meta.url, input: Job, output: Done, peers } as const;
export const operator = defineKernel({ ...common, id: "operator", run: (ctx) => untilEnd(ctx) });
/** The same, but keeps messages in hand until an order settles them. */
export const manualOperator = defineKernel({
  ...common,
  id: "manualOperator",
  ack: "manual",
  run: (ctx) => untilEnd(ctx),
});
/** The same with outputs that leave when their input settles: it sends reports by requests, which are no outputs. */
export const committingOperator = defineKernel({
  ...common,
  id: "committingOperator",
  supervise: { effects: "commit" },
  run: (ctx) => untilEnd(ctx, (report) => ctx.peers.reports.request(report)),
});
