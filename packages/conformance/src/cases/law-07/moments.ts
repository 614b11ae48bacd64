import type { KernelTelemetry } from "@ringline/core";
import { equal, ok, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { worker } from "../../kernels/job-workers.js";
import { gate, Pass } from "../../kernels/jobs.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const COUNTERS = [
  ...(["received", "processed", "sent", "dropped", "rejected"] as const),
  ...(["deadLettered", "requeued", "errors", "restarts"] as const),
];

export const moments: readonly Case[] = [
  {
    law: 7,
    name: "asOf: each look is fresh and says when it was true",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      let before = Date.now();
      let last = 0;
      for (const job of jobs(20)) {
        await handle.send(job);
        await quiet(handle, { received: job.n + 1 });
        const { asOf, received } = await handle.telemetry();
        equal(received, job.n + 1, "received");
        ok(asOf >= before - 1 && asOf <= Date.now() + 1, `asOf ${asOf} is not now`);
        ok(asOf >= last, "asOf goes back");
        [before, last] = [Date.now(), asOf];
      }
    },
  },
  {
    law: 7,
    name: "depths: queued and in hand are those of the moment",
    async run(trial) {
      const runtime = trial.runtime();
      const pass = await runtime.start(gate);
      const handle = await runtime.launch(worker);
      for (const job of jobs(8, { hold: true })) {
        await handle.send(job);
        await counts(handle, { input: { queued: job.n + 1, inHand: 0 } });
      }
      await handle.activate();
      for (let left = 7; left >= 0; left--) {
        await reaches(handle, { input: { queued: left, inHand: 1, done: 7 - left } });
        await pass.send(Pass());
        await handle.receive(soon);
      }
      await quiet(handle, { received: 8, processed: 8 });
    },
  },
  {
    law: 7,
    name: "under load: no counter ever goes back, and no figure is negative or no number",
    async run(trial) {
      const handle = await trial.runtime().start(worker, { queueSize: 32 });
      const sent = sendAll(handle, jobs(3000));
      const read = collect(handle, 3000);
      let last: KernelTelemetry | undefined;
      for (let looks = 0; (last?.processed ?? 0) < 3000 && looks < 100_000; looks++) {
        const now = await handle.telemetry();
        for (const counter of COUNTERS) ok(now[counter] >= (last?.[counter] ?? 0), `${counter} went back`);
        for (const figures of [now.throughput, now.wait, now.processing]) {
          for (const [name, figure] of Object.entries<number | readonly number[]>(figures))
            for (const value of [figure].flat()) ok(Number.isFinite(value) && value >= 0, `${name} is ${value}`);
        }
        last = now;
        if (looks % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
      await Promise.all([sent, read]);
      await quiet(handle, { received: 3000, processed: 3000, sent: 3000, errors: 0, rejected: 0 });
    },
  },
];
