import { defineKernel } from "@ringline/core";
import { worker } from "./job-workers.js";
import { Done, Job } from "./jobs.js";

const module = import.meta.url;

/** Sends a request to its peer for each job and passes on the answer; `from` is the path of the answer. */
export const asker = defineKernel({
  id: "asker",
  module,
  input: Job,
  output: Done,
  peers: { asked: worker },
  async handle(job, ctx) {
    const answer = await ctx.peers.asked.request(Job({ n: job.n }));
    return Done({ n: answer.n, from: `${ctx.kernelId}<${answer.from || answer.by}`, output: 0, by: ctx.kernelId });
  },
});

/** The same with all its requests at once. */
export const eagerAsker = defineKernel({
  id: "eagerAsker",
  module,
  input: Job,
  output: Done,
  peers: { asked: worker },
  ack: "manual",
  async run(ctx) {
    const answer = async (job: Job) => {
      const { n, by } = await ctx.peers.asked.request(Job({ n: job.n }));
      await ctx.send(Done({ n, from: `${ctx.kernelId}<${by}`, output: job.n, by: ctx.kernelId }, { replyTo: job }));
      ctx.settle(job);
    };
    const answers: Promise<void>[] = [];
    for await (const job of ctx) answers.push(answer(job));
    await Promise.allSettled(answers);
  },
});

/** Answers in the reverse order, as many at a time as a job says in `outputs`. */
export const reverser = defineKernel({
  id: "reverser",
  module,
  input: Job,
  output: Done,
  ack: "manual",
  async run(ctx) {
    const waiting: Job[] = [];
    for await (const job of ctx) {
      waiting.push(job);
      if (waiting.length < (job.outputs ?? 1)) continue;
      for (const next of waiting.splice(0).reverse()) {
        await ctx.send(Done({ n: next.n, from: next.from ?? "", output: 0, by: ctx.kernelId }, { replyTo: next }));
        ctx.settle(next);
      }
    }
  },
});

/** Settles a message before it answers. */
export const hasty = defineKernel({
  id: "hasty",
  module,
  input: Job,
  output: Done,
  ack: "manual",
  async run(ctx) {
    for await (const job of ctx) {
      ctx.settle(job);
      await ctx.send(Done({ n: job.n, from: "", output: 0, by: ctx.kernelId }, { replyTo: job }));
    }
  },
});
