import { defineKernel, errors } from "@ringline/core";
import { Done, failure, gate, isPlain, Job, outputsOf, prepare, tally, type WorkerContext } from "./jobs.js";

type Outputs = Done | readonly Done[] | undefined;

function work(job: Job, ctx: WorkerContext): Outputs | Promise<Outputs> {
  if (isPlain(job)) return outputsOf(job, ctx.kernelId);
  if (job.fail === "at once") throw failure(job);
  if (job.fail === "with a code") throw new errors.UNSUPPORTED({ backend: "any", capability: "this job" });
  return workLater(job, ctx);
}

async function workLater(job: Job, ctx: WorkerContext): Promise<Outputs> {
  await prepare(job, ctx);
  if (job.fail !== "after output") return outputsOf(job, ctx.kernelId);
  for (const done of listOf(outputsOf(job, ctx.kernelId))) await ctx.send(done);
  throw failure(job);
}

function listOf(outputs: Outputs): readonly Done[] {
  return outputs === undefined ? [] : [outputs].flat() as readonly Done[];
}

const common = { module: import.meta.url, input: Job, output: Done, peers: { gate, tally } } as const;

/** Does its jobs one by one as a function; one that fails becomes a dead letter. */
export const worker = defineKernel({ ...common, id: "worker", handle: work });

/** The same as a loop, which a failure ends. */
export const loopWorker = defineKernel({
  ...common,
  id: "loopWorker",
  async run(ctx) {
    for await (const job of ctx) for (const done of listOf(await work(job, ctx))) await ctx.send(done);
  },
});

/** The same loop, which settles each job itself. */
export const manualWorker = defineKernel({
  ...common,
  id: "manualWorker",
  ack: "manual",
  async run(ctx) {
    for await (const job of ctx) {
      for (const done of listOf(await work(job, ctx))) await ctx.send(done);
      ctx.settle(job);
    }
  },
});

/** The same in batches. */
export const batchWorker = defineKernel({
  ...common,
  id: "batchWorker",
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 7, linger: 1 })) {
      for (const job of batch) for (const done of listOf(await work(job, ctx))) await ctx.send(done);
    }
  },
});

/** Every kind of body that does jobs. */
export const jobWorkers = [worker, loopWorker, manualWorker, batchWorker] as const;

const retry = { retry: 2, backoff: { initial: 1, factor: 1, jitter: 0 } } as const;

/** Tries each job three times at most. */
export const retrier = defineKernel({ ...common, id: "retrier", handle: work, onError: retry });

/** Fails with the first job that does. */
export const brittle = defineKernel({ ...common, id: "brittle", handle: work, onError: "fail" });

/** Decides by the number of the job: 1 keeps it, 2 answers, 3 tries again, 4 fails, 5 throws. */
export const decider = defineKernel({
  ...common,
  id: "decider",
  handle: work,
  onError(error, job) {
    if (job.n === 1) return "dead-letter";
    if (job.n === 2) return Done({ n: job.n, from: error.code, output: 0, by: "onError" });
    if (job.n === 3) return Promise.resolve(retry);
    if (job.n === 4) return "fail";
    throw new TypeError("the decision failed too");
  },
});

/** Takes jobs and says nothing. */
export const jobSink = defineKernel({ id: "jobSink", module: import.meta.url, input: Job, handle() {} });
