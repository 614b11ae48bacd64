import { defineKernel, type HandleContext, isRinglineError } from "@ringline/core";
import { Done, failure, gate, Job, prepare, tally } from "./jobs.js";

interface Sum {
  readonly sum: number;
  /** Numbers of the jobs in the sum. */
  readonly of: readonly number[];
}

/** A handwritten Standard Schema. */
const Sum = {
  "~standard": {
    version: 1,
    vendor: "conformance",
    validate: (value: unknown) =>
      typeof (value as Sum | null)?.sum === "number"
        ? { value: value as Sum }
        : { issues: [{ message: "is no number", path: ["sum"] }] },
  },
} as const;

const peers = { gate, tally };
const common = { module: import.meta.url, input: Job, output: Done, peers, state: Sum } as const;
const supervise = {
  restart: "on-failure",
  backoff: { initial: 1, factor: 1, jitter: 0 },
  limit: { max: 1000, window: 60_000 },
} as const;

function plus({ sum, of }: Sum, n: number): Sum {
  return { sum: sum + n, of: [...of, n] };
}

/** Saves the state; then fails if the job says so. */
async function keep(job: Job, state: Sum, ctx: HandleContext<Done, typeof peers, Sum>): Promise<undefined> {
  await ctx.checkpoint(state);
  await ctx.send(Done({ n: state.sum, from: state.of.join(), output: 0, by: ctx.kernelId }, { replyTo: job }));
  await prepare(job, ctx as never);
  if (job.fail === "after output") throw failure(job);
}

/** Sums up its jobs, and continues after a crash where it was. */
export const keeperLoop = defineKernel({
  ...common,
  id: "keeperLoop",
  supervise,
  async run(ctx) {
    let state = ctx.restored ?? { sum: 0, of: [] };
    for await (const job of ctx) {
      state = plus(state, job.n);
      await keep(job, state, ctx);
    }
  },
});

/** The same as a function of one message, which has no memory but its checkpoints. */
export const keeperHandler = defineKernel({
  ...common,
  id: "keeperHandler",
  supervise,
  onError: "fail",
  handle: (job, ctx) => keep(job, plus(ctx.restored ?? { sum: 0, of: [] }, job.n), ctx),
});

/** The same in batches: one checkpoint for all of them. */
export const keeperBatches = defineKernel({
  ...common,
  id: "keeperBatches",
  supervise,
  async run(ctx) {
    let state = ctx.restored ?? { sum: 0, of: [] };
    for await (const batch of ctx.batches({ max: 4, linger: 1 })) {
      for (const job of batch) state = plus(state, job.n);
      await ctx.checkpoint(state);
      for (const job of batch) await prepare(job, ctx as never);
      const last = batch.at(-1) as Job;
      await ctx.send(Done({ n: state.sum, from: state.of.join(), output: 0, by: ctx.kernelId }, { replyTo: last }));
    }
  },
});

/** The same, but saves twice for each job, and rejects a number that it has seen. */
export const keeperStrict = defineKernel({
  ...common,
  id: "keeperStrict",
  supervise,
  async run(ctx) {
    let state = ctx.restored ?? { sum: 0, of: [] };
    for await (const job of ctx) {
      if (state.of.includes(job.n)) throw failure(job);
      state = plus(state, job.n);
      await ctx.checkpoint(state);
      await keep(job, state, ctx);
    }
  },
});

/** Ends after one job, with `restart: "always"`. */
export const keeperMayfly = defineKernel({
  ...common,
  id: "keeperMayfly",
  supervise: { ...supervise, restart: "always" },
  async run(ctx) {
    const job = await ctx.receive();
    await keep(job, plus(ctx.restored ?? { sum: 0, of: [] }, job.n), ctx);
  },
});

/** Makes invalid checkpoints, and reports the outcome of each in `from`. */
export const careless = defineKernel({
  ...common,
  id: "careless",
  async handle(job, ctx) {
    const say = (from: string) => Done({ n: job.n, from, output: 0, by: ctx.kernelId });
    const state = { sum: job.n, of: [job.n] };
    if (job.from === "mutates") {
      await ctx.checkpoint(state);
      state.of.push(-1);
      const first = ctx.restored as unknown as { of: number[] };
      first.of.push(-2);
      return say(String(ctx.restored?.of));
    }
    try {
      await ctx.checkpoint((job.from === "invalid" ? { sum: "1" } : { ...state, run() {} }) as never);
    } catch (error) {
      return say(isRinglineError(error) ? error.code : String(error));
    }
    return say("kept");
  },
});
