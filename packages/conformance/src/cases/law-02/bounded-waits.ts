import { defineKernel, isRinglineError, pipeline } from "@ringline/core";
import { fail, ok, PATIENCE, rejects, show, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { doneSink, worker } from "../../kernels/job-workers.js";
import { Done, Job } from "../../kernels/jobs.js";
import { collect, jobs, reaches, sendAll } from "../../support/traffic.js";
import type { TrialRuntime } from "../../trial.js";

/** A kernel whose module never finishes loading in places that load it; an ordinary kernel elsewhere. */
const stuck = defineKernel({
  id: "stuck",
  module: "data:text/javascript,await new Promise(() => {})",
  input: Job,
  output: Done,
  handle: ({ n }) => Done({ n, from: "", output: 0, by: "stuck" }),
});

/** Milliseconds: the grace period, the second after it, and a reserve for busy machines. */
const IN_TIME = 200 + 1000 + PATIENCE;

type Wait = { readonly timeout: number } | { readonly signal: AbortSignal };
const calls: Readonly<Record<string, (runtime: TrialRuntime, wait: Wait) => Promise<unknown>>> = {
  launch: (runtime, wait) => runtime.launch(stuck, wait as never),
  start: (runtime, wait) => runtime.start(stuck, wait as never),
  run: (runtime, wait) => runtime.run(pipeline("line").stage(stuck), wait as never),
};
const limits: Readonly<Record<string, () => Wait>> = {
  timeout: () => ({ timeout: 200 }),
  signal: () => ({ signal: AbortSignal.timeout(200) }),
};

/** Calls that wait for a place end, whatever the place does. */
export const boundedWaits: readonly Case[] = [
  ...Object.entries(calls).flatMap(([call, begin]) =>
    Object.entries(limits).map(
      ([limit, wait]): Case => ({
        law: 2,
        name: `bounded: ${call} of a module that never finishes loading ends by its ${limit}, and dispose in time`,
        limit: 20_000,
        async run(trial) {
          const runtime = trial.runtime();
          const outcome = begin(runtime, wait()).then(
            () => undefined,
            (error) => (isRinglineError(error) ? undefined : fail(`${call} failed with ${show(error)}`, error)),
          );
          await within(PATIENCE, outcome, call);
          const other = await within(2 * PATIENCE, runtime.start(worker), "the start of another kernel");
          ok((await other.request(Job({ n: 1 }), soon)).n === 1, "answer of another kernel");
          await within(IN_TIME, runtime.dispose({ timeout: 200 }), "dispose");
        },
      }),
    ),
  ),
  {
    law: 2,
    name: "bounded: dispose ends a launch of a module that never finishes loading",
    limit: 20_000,
    async run(trial) {
      const runtime = trial.runtime();
      const launched = runtime.launch(stuck).then(
        () => true,
        (error) => isRinglineError(error),
      );
      await within(IN_TIME, runtime.dispose({ timeout: 200 }), "dispose");
      ok(await within(PATIENCE, launched, "launch"), "the launch succeeds or fails with an error of Ringline");
    },
  },
  {
    law: 2,
    name: "bounded: connect that waits for room ends by its timeout and by its signal, and loses nothing",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(worker);
      const last = await runtime.launch(doneSink, { queueSize: 1 });
      await sendAll(first, jobs(4));
      await reaches(first, { output: { queued: 4 } });
      await rejects(runtime.connect(first, last, { timeout: 30 }), "TIMEOUT", "connect");
      await rejects(runtime.connect(first, last, { signal: AbortSignal.timeout(30) }), "ABORTED", "connect");
      const { ledger } = await last.telemetry();
      const rest = await collect(first, 4 - ledger.input.accepted);
      ok(rest.length + ledger.input.accepted === 4, "each output is here or there");
    },
  },
];
