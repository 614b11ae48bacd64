// What the threads run that `kills.mjs` ends: every strategy, outputs that count once, retries, and what is dead-lettered.
import { body, defineKernel, defineMessage } from "@ringline/core";

const module = import.meta.url;
export const Job = defineMessage("Job", /** @type {typeof body<{ n: number, part?: number }>} */ (body)());

const backoff = { initial: 1, factor: 1, max: 1, jitter: 0 };
const supervise = /** @type {const} */ ({ restart: "on-failure", limit: { max: 100_000, window: 60_000 }, backoff });
const retry = /** @type {const} */ ({ ...supervise, onCrash: "retry" });
const commit = /** @type {const} */ ({ ...retry, effects: "commit" });
const common = { module, input: Job, output: Job, queueSize: 32 };

/** Two outputs for each input, each of them once. */
export const commits = defineKernel({
  ...common,
  id: "commits",
  supervise: commit,
  handle: ({ n }) => [Job({ n, part: 0 }), Job({ n, part: 1 })],
});

/** The same by calls, some of which fail and are made again. */
export const fails = defineKernel({
  ...common,
  id: "fails",
  supervise: commit,
  onError: { retry: 1000, backoff },
  async handle({ n }, ctx) {
    await ctx.send(Job({ n, part: 0 }));
    if (Math.random() < 0.05) throw new RangeError("now and then");
    await ctx.send(Job({ n, part: 1 }));
    return undefined;
  },
});

export const rejects = defineKernel({
  ...common,
  id: "rejects",
  backpressure: "reject",
  supervise: retry,
  handle: ({ n }) => Job({ n }),
});

export const drops = defineKernel({
  ...common,
  id: "drops",
  backpressure: "drop-oldest",
  supervise: retry,
  handle: () => Promise.resolve(undefined),
});

export const letters = defineKernel({ ...common, id: "letters", supervise, handle: ({ n }) => Job({ n }) });

/** A kernel that is drained and launched again meanwhile. */
export const drained = defineKernel({ ...common, id: "drained", supervise: retry, handle: () => undefined });

/** Linked to each other, and stages of a flow. */
const link = (/** @type {string} */ id) =>
  defineKernel({ ...common, id, supervise: commit, handle: ({ n }) => Job({ n }) });
export const first = link("first");
export const second = link("second");
export const third = link("third");
export const fourth = link("fourth");
