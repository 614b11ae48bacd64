import { body, defineKernel, defineMessage } from "@ringline/core";

export const Job = defineMessage("Job", /** @type {import("@ringline/core").TypeOnly<{ n: number }>} */ (body()));

/** Gives each job back as it came. */
export const echo = defineKernel({
  id: "echo",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: (job) => Job({ ...job }),
});

export const Done = defineMessage(
  "Done",
  /** @type {import("@ringline/core").TypeOnly<{ n: number, process: number }>} */ (body()),
);

/** Gives each job back, once also where it dies in the middle; a negative one never ends. */
export const worker = defineKernel({
  id: "worker",
  module: import.meta.url,
  input: Job,
  output: Job,
  supervise: {
    restart: "on-failure",
    onCrash: "retry",
    effects: "commit",
    backoff: { initial: 1, factor: 1, jitter: 0 },
  },
  handle: ({ n }) => (n < 0 ? new Promise(() => {}) : Job({ n })),
});

/** Works on each job for 5 ms, and says in which process. */
export const busy = defineKernel({
  id: "busy",
  module: import.meta.url,
  input: Job,
  output: Done,
  handle: ({ n }) => {
    const until = performance.now() + 5;
    while (performance.now() < until);
    return Done({ n, process: process.pid });
  },
});
