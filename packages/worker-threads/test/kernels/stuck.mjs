// Kernels of which threads do not come back: their module does not finish loading, or their body never yields.
import { isMainThread } from "node:worker_threads";
import { defineKernel } from "@ringline/core";
import { Done, Job } from "./faulty.mjs";

export { Job };

export const stuck = defineKernel({
  id: "stuck",
  module: new URL("./never-loads.mjs", import.meta.url).href,
  input: Job,
  output: Done,
  handle: ({ n }) => Done({ n }),
});

export const loop = defineKernel({
  id: "loop",
  module: import.meta.url,
  input: Job,
  output: Done,
  handle({ n }) {
    while (!isMainThread);
    return Done({ n });
  },
});

/** A kernel whose module ends the thread that loads it, without an error. */
export const leaving = defineKernel({
  id: "leaving",
  module: new URL("./exits-as-it-loads.mjs", import.meta.url).href,
  input: Job,
  output: Done,
  handle: ({ n }) => Done({ n }),
});

/** Stages of a flow: the second never finishes loading. */
export const sound = defineKernel({
  ...{ id: "sound", module: import.meta.url, input: Job, output: Job },
  handle: (job) => job,
});
export const stuckStage = defineKernel({
  ...{ id: "stuckStage", module: new URL("./never-loads.mjs", import.meta.url).href, input: Job, output: Job },
  handle: (job) => job,
});
