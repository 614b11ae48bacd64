import { body, defineKernel, defineMessage, errors, isRinglineError } from "@ringline/core";
import { Done, failure, gate, isPlain, Job, outputsOf, prepare, tally, type WorkerContext } from "./jobs.js";

type Outputs = Done | readonly Done[] | undefined;

function work(job: Job, ctx: WorkerContext): Outputs | Promise<Outputs> {
  if (isPlain(job)) return outputsOf(job, ctx.kernelId);
  if (job.fail === "at once") throw failure(job);
  if (job.fail === "with a string") throw `job ${job.n} failed`;
  if (job.fail === "with nothing") throw undefined;
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
  return outputs === undefined ? [] : ([outputs].flat() as readonly Done[]);
}

const common = { module: import.meta.url, input: Job, output: Done, peers: { gate, tally } } as const;

/** Does jobs one by one in `handle`; a failed job becomes a dead letter. */
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
      for (const job of batch) {
        for (const done of listOf(await work(job, ctx))) await ctx.send(Done.with(done, { replyTo: job }));
      }
    }
  },
});

/** Every kind of body that does jobs. */
export const jobWorkers = [worker, loopWorker, manualWorker, batchWorker] as const;

const retry = { retry: 2, backoff: { initial: 1, factor: 1, jitter: 0 } } as const;

/** Tries each job three times at most. */
export const retrier = defineKernel({ ...common, id: "retrier", handle: work, onError: retry });

/** Fails at the first job that fails. */
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

/** Takes jobs without output. */
export const jobSink = defineKernel({ id: "jobSink", module: import.meta.url, input: Job, handle() {} });

/** The end of a chain. */
export const doneSink = defineKernel({ id: "doneSink", module: import.meta.url, input: Done, handle() {} });

/** Reports its state at each job, and when it is asked to end. */
export const lastWords = defineKernel({
  id: "lastWords",
  module: import.meta.url,
  input: Job,
  output: Done,
  async run(ctx) {
    const say = async (start: string) => {
      const words = [start, ctx.isActive && "active", ctx.shouldTerminate && "ending", ctx.signal.aborted && "aborted"];
      await ctx.send(Done({ n: 0, from: words.filter(Boolean).join(" "), output: 0, by: ctx.kernelId }));
    };
    try {
      for (;;) {
        await ctx.receive();
        await say("");
      }
    } catch (error) {
      await say(isRinglineError(error) ? error.code : "no error of Ringline");
      throw error;
    }
  },
});

/** Shows the header that it sees. */
export const Seen = defineMessage(
  "Seen",
  body<{ readonly rank: number; readonly id: string; readonly cause: string | null }>(),
);
export const mirror = defineKernel({
  id: "mirror",
  module: import.meta.url,
  input: Job,
  output: Seen,
  handle: (job) => Seen({ rank: job.priority, id: job.messageId, cause: job.correlationId }, { replyTo: job }),
});

/** Sends each job on to its peer, with the same priority. */
export const forwarder = defineKernel({
  id: "forwarder",
  module: import.meta.url,
  input: Job,
  peers: { target: worker },
  async handle({ n, from = "", priority }, ctx) {
    await ctx.peers.target.send(Job({ n, from }, { priority }));
  },
});

/** Sends each job on as its output, with the same priority. */
export const relay = defineKernel({
  id: "relay",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: ({ n, from = "", priority }) => Job({ n, from }, { priority }),
});
