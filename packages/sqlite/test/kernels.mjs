import { body, defineKernel, defineMessage, graph } from "@ringline/core";

export const Job = defineMessage(
  "Job",
  /** @type {import("@ringline/core").TypeOnly<{ n: number, isBad?: boolean }>} */ (body()),
);
const Jobs = defineMessage("Jobs", /** @type {import("@ringline/core").TypeOnly<{ of: number[] }>} */ (body()));
const Sum = defineMessage(
  "Sum",
  /** @type {import("@ringline/core").TypeOnly<{ of: number[], sum: number, count: number }>} */ (body()),
);

/** Gives each job back, unless it is a bad one. */
export const pass = defineKernel({
  id: "pass",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle(job) {
    if (job.isBad) throw new RangeError(`job ${job.n}`);
    return Job({ ...job });
  },
});

/** The same, later. */
export const later = defineKernel({
  id: "later",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: (job) => new Promise((resolve) => setImmediate(() => resolve(Job({ ...job })))),
});

/** Sums its inputs. */
export const sum = defineKernel({
  id: "sum",
  module: import.meta.url,
  input: Jobs,
  output: Sum,
  state: { durable: true },
  async handle({ of }, ctx) {
    const before = /** @type {{ sum: number, count: number } | undefined} */ (ctx.restored) ?? { sum: 0, count: 0 };
    const after = { sum: before.sum + of.reduce((a, b) => a + b, 0), count: before.count + of.length };
    await ctx.checkpoint(after);
    return Sum({ of: [...of], ...after });
  },
});

/** A join, a batch, and a kernel with a state behind a durable edge. */
export const summing = graph("summing", Job, (entry, { join }) => {
  const first = entry.stage(pass, { name: "first", durable: true, workers: 2 });
  const branches = { left: first.stage(pass, { name: "left" }), right: first.stage(later) };
  return join(({ left }) => Job({ n: left.n }), branches, { timeout: 60_000 })
    .batch(({ items }) => Jobs({ of: items.map(({ n }) => n) }), { max: 7, linger: 5 })
    .stage(sum);
});
