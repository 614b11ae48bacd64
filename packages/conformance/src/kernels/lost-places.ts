import { defineKernel } from "@ringline/core";
import { Done, gate, Job, prepare, tally } from "./jobs.js";
import { witness } from "./mortal.js";

const module = import.meta.url;

/** Sends the header of each job to its witness before it does anything, at every attempt. */
export const witnessed = defineKernel({
  id: "witnessed",
  module,
  input: Job,
  output: Done,
  peers: { gate, tally, witness },
  async handle(job, ctx) {
    const { n, messageId, correlationId, priority } = job;
    await ctx.peers.witness.send(Job({ n, from: `${messageId} of ${correlationId} at ${priority}` }));
    await prepare(job, ctx as never);
    return Done({ n, from: "", output: 0, by: ctx.kernelId });
  },
});

/** Passes on the results of another kernel. */
export const relayDone = defineKernel({
  id: "relayDone",
  module,
  input: Done,
  output: Done,
  handle: ({ n, from, output, by }) => Done({ n, from, output, by }),
});

/** Computes without a pause for at most half a minute: only the end of its place ends it earlier. */
export const spinner = defineKernel({
  id: "spinner",
  module,
  input: Job,
  output: Done,
  handle({ n }, ctx) {
    for (const end = performance.now() + 30_000; performance.now() < end; );
    return Done({ n, from: "", output: 0, by: ctx.kernelId });
  },
});
