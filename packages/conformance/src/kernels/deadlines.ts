import { defineKernel } from "@ringline/core";
import { worker } from "./job-workers.js";
import { Job } from "./jobs.js";

const module = import.meta.url;
const target = { target: worker } as const;

/** Sends each job on to its peer, under a new header. */
export const passing = defineKernel({
  id: "passing",
  module,
  input: Job,
  peers: target,
  async handle({ n }, ctx) {
    await ctx.peers.target.send(Job({ n }));
  },
});

/** The same as a loop, which makes the new message when it has waited. */
export const passingLoop = defineKernel({
  id: "passingLoop",
  module,
  input: Job,
  peers: target,
  async run(ctx) {
    for await (const { n } of ctx) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await ctx.peers.target.send(Job({ n }));
    }
  },
});

/** Sends each job on as an answer to it. */
export const passingReply = defineKernel({
  id: "passingReply",
  module,
  input: Job,
  peers: target,
  async handle(job, ctx) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await ctx.peers.target.send(Job({ n: job.n }, { replyTo: job }));
  },
});

/** Sends each job on as its output. */
export const passingOutput = defineKernel({
  id: "passingOutput",
  module,
  input: Job,
  output: Job,
  handle: ({ n }) => Job({ n }),
});

/** Sends each job on with a deadline of its own, or none where the job says `delay: 0`. */
export const ownDeadline = defineKernel({
  id: "ownDeadline",
  module,
  input: Job,
  peers: target,
  async handle({ n, delay = 0 }, ctx) {
    await ctx.peers.target.send(Job({ n }, { expiresIn: delay === 0 ? Number.POSITIVE_INFINITY : delay }));
  },
});

/** Asks its helper within the milliseconds that a job says in `delay`, and sends on what it answers. */
export const delegate = defineKernel({
  id: "delegate",
  module,
  input: Job,
  output: Job,
  peers: { helper: worker },
  async handle({ n, delay }, ctx) {
    const answer = await ctx.peers.helper.request(Job({ n }), { timeout: delay });
    return Job({ n: answer.n }, { replyTo: answer });
  },
});
