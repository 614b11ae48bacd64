import { isRinglineError, type KernelHandle } from "@ringline/core";
import { equal, ok, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { worker } from "../../kernels/job-workers.js";
import { type Done, Job } from "../../kernels/jobs.js";
import { spinner } from "../../kernels/lost-places.js";
import { losing, placesOf } from "../../support/losing.js";
import type { TrialRuntime } from "../../trial.js";

/** Milliseconds: the grace period, the second after it, and a reserve for busy machines. */
const IN_TIME = 200 + 1000 + 4000;

type Handle = KernelHandle<Job, Done>;
const endings: Readonly<Record<string, (kernel: Handle, runtime: TrialRuntime) => Promise<unknown>>> = {
  terminate: (kernel) => kernel.terminate({ timeout: 200 }),
  "terminate with drain": (kernel) => kernel.terminate({ drain: true, timeout: 200 }),
  dispose: (_, runtime) => runtime.dispose({ timeout: 200 }),
  "dispose with drain": (_, runtime) => runtime.dispose({ drain: true, timeout: 200 }),
};

/** A body that never yields ends only with its place. */
export const endlessBodies: readonly Case[] = Object.entries(endings).map(([how, end]) =>
  losing(2, `${how} ends a kernel that computes without a pause, and tells all its messages`, async (trial) => {
    const runtime = trial.runtimeWithBeside();
    const handle = await runtime.start(spinner);
    const place = (await placesOf(runtime)).get(spinner.id);
    ok(place, "a place");
    try {
      await handle.send(Job({ n: 0 }));
      await handle.send(Job({ n: 1 }));
      const asked = handle.request(Job({ n: 2 })).catch((error) => error);
      await within(IN_TIME, end(handle, runtime), how);
      ok(isRinglineError(await within(IN_TIME, asked, "the request")), "the request ends with an error of Ringline");
      const { ledger } = await within(IN_TIME, handle.telemetry(), "telemetry");
      const { accepted, queued, inHand, deadLettered } = ledger.input;
      equal([accepted, queued, inHand, deadLettered].join(), "3,0,0,3", "accepted, queued, in hand, dead-lettered");
      if (how.startsWith("dispose")) return;
      const other = await within(IN_TIME, runtime.start(worker), "the start of another kernel");
      equal((await within(IN_TIME, other.request(Job({ n: 7 })), "an answer")).n, 7, "answer of another kernel");
    } finally {
      await trial.lose(place); // where a host goes on computing
    }
  }),
);
