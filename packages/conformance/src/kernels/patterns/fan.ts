import { body, defineKernel, defineMessage, isRinglineError, type MessageOf } from "@ringline/core";
import { Result, Task } from "../messages.js";
import { handler } from "../workers.js";

const module = import.meta.url;

export const Summary = defineMessage("Summary", body<{ readonly count: number; readonly total: number }>());

const summarise = (results: readonly { readonly n: number }[]): MessageOf<typeof Summary> =>
  Summary({ count: results.length, total: results.reduce((sum, { n }) => sum + n, 0) });

/** Gives its work to three workers in turn. */
export const distributor = defineKernel({
  id: "distributor",
  module,
  input: Task,
  async run(ctx) {
    const workers = [handler.as("worker_0"), handler.as("worker_1"), handler.as("worker_2")];
    let next = 0;
    for await (const work of ctx) {
      const worker = workers[next++ % workers.length];
      if (worker !== undefined) await ctx.sendTo(worker, work);
    }
  },
});

/** Sums up ten results at a time, or fewer if no more arrive for a while. */
export const aggregator = defineKernel({
  id: "aggregator",
  module,
  input: Result,
  output: Summary,
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 10, linger: 50 })) await ctx.send(summarise(batch));
  },
});

/** Sums up its messages, and sends the sum when a flush passes. */
export const totalizer = defineKernel({
  id: "totalizer",
  module,
  input: Result,
  output: Summary,
  async run(ctx) {
    let results: MessageOf<typeof Result>[] = [];
    ctx.onFlush(async () => {
      await ctx.send(summarise(results));
      results = [];
    });
    for await (const result of ctx) results.push(result);
  },
});

/** The same by hand: a time-out flushes. Messages stay in hand until their batch is sent. */
export const aggregatorByHand = defineKernel({
  id: "aggregator by hand",
  module,
  input: Result,
  output: Summary,
  ack: "manual",
  async run(ctx) {
    let batch: MessageOf<typeof Result>[] = [];
    const flush = async () => {
      if (batch.length === 0) return;
      await ctx.send(summarise(batch));
      for (const result of batch) ctx.settle(result);
      batch = [];
    };
    while (!ctx.shouldTerminate) {
      try {
        batch.push(await ctx.receive({ timeout: 50 }));
        if (batch.length >= 10) await flush();
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT", "TERMINATED")) throw error;
        await flush();
      }
    }
  },
});
