import { defineKernel, type HandleContext, peer } from "@ringline/core";
import { Done, failure, gate, Job, prepare, tally } from "./jobs.js";

/** The kernel that the mortal kernels notify of their jobs, in addition to their output. */
export const witness = peer("witness", { input: Job, output: Job });

const peers = { gate, tally, witness };
const common = { module: import.meta.url, input: Job, output: Done, peers } as const;
const quick = { initial: 1, factor: 1, jitter: 0 } as const;
const often = { max: 1000, window: 60_000 } as const;

/** Notifies the witness and sends the outputs; then fails if the job says so. */
async function live(job: Job, ctx: HandleContext<Done, typeof peers>, by: string): Promise<undefined> {
  const { n, from = "", outputs = 1, fail } = job;
  if (fail === "at once") throw failure(job);
  for (let output = 0; output < outputs; output++) await ctx.send(Done({ n, from, output, by }, { replyTo: job }));
  if (from !== "") await ctx.peers.witness.send(Job({ n, from }));
  await prepare(job, ctx as never);
  if (fail === "after output") throw failure(job);
}

/** A loop that reports by which incarnation a job was done. Restarts after a failure by default. */
export const mortalLoop = defineKernel({
  ...common,
  id: "mortalLoop",
  supervise: { restart: "on-failure", backoff: quick, limit: often },
  async run(ctx) {
    const { count } = await ctx.peers.tally.request(Job({ n: -1 }), { signal: ctx.signal });
    for await (const job of ctx) await live(job, ctx, `life ${count}`);
  },
});

/** The same as a function of one message. */
export const mortalHandler = defineKernel({
  ...common,
  id: "mortalHandler",
  supervise: { restart: "on-failure", backoff: quick, limit: often },
  onError: "fail",
  handle: (job, ctx) => live(job, ctx, ctx.kernelId),
});

/** Fails at the first attempt at a job, and dead-letters it at the second. */
export const hesitant = defineKernel({
  ...common,
  id: "hesitant",
  supervise: { restart: "on-failure", onCrash: "retry", backoff: quick, limit: often },
  async handle(job, ctx) {
    const { count } = await ctx.peers.tally.request(job, { signal: ctx.signal });
    throw new RangeError(count === 1 ? "fail" : "keep");
  },
  onError: ({ cause }) => ((cause as Error | undefined)?.message === "fail" ? "fail" : "dead-letter"),
});

/** Returns after one job. */
export const mayfly = defineKernel({
  ...common,
  id: "mayfly",
  supervise: { restart: "always", backoff: quick, limit: often },
  async run(ctx) {
    await live(await ctx.receive(), ctx, ctx.kernelId);
  },
});

/** Sends increasing numbers from 0 without input, and fails after every third. */
export const shortSource = defineKernel({
  id: "shortSource",
  module: import.meta.url,
  output: Done,
  supervise: { restart: "on-failure", backoff: quick, limit: often },
  async run(ctx) {
    for (let n = 0; n < 3; n++) await ctx.send(Done({ n, from: "", output: 0, by: ctx.kernelId }));
    throw new RangeError("three are enough");
  },
});
