import { BroadcastChannel, isMainThread } from "node:worker_threads";
import { trace } from "@opentelemetry/api";
import { body, defineKernel, defineMessage } from "@ringline/core";
import { setUp } from "./spans.mjs";

// a module that threads load sets them up as well
if (!isMainThread) {
  const channel = new BroadcastChannel("spans");
  channel.unref();
  setUp((span) => channel.postMessage(span));
}

export const Order = defineMessage("Order", /** @type {ReturnType<typeof body<{ n: number }>>} */ (body()));

/** A kernel whose span is the active one: a query in its body is part of it. */
export const read = defineKernel({
  id: "read",
  module: import.meta.url,
  input: Order,
  output: Order,
  async handle({ n }) {
    await Promise.resolve();
    trace.getActiveSpan()?.setAttribute("n", n);
    return Order({ n });
  },
});

export const count = defineKernel({
  id: "count",
  module: import.meta.url,
  input: Order,
  output: Order,
  async run(ctx) {
    for await (const { n } of ctx) await ctx.send(Order({ n }));
  },
});

const tried = new Set();

/** Fails once for each odd number. */
export const write = defineKernel({
  id: "write",
  module: import.meta.url,
  input: Order,
  output: Order,
  onError: { retry: 1, backoff: { initial: 0 } },
  handle(order) {
    if (order.n % 2 === 1 && !tried.has(order.n)) {
      tried.add(order.n);
      throw new Error("the disk was busy");
    }
    return order;
  },
});
