import { deepEqual, equal, ok, PATIENCE, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { inContext as as, contextHere, contextual, contextualLoop, hasContexts } from "../../kernels/contextual.js";
import { worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { collect, counts, jobs, quiet } from "../../support/traffic.js";

/** Callers are isolated: neither calls nor contexts of one affect another. */
export const callers: readonly Case[] = [
  {
    law: 11,
    name: "a handler sees the context of its own caller, or none, and never another one's",
    async run(trial) {
      const handle = await as("launch", () => trial.runtime().start(contextual));
      const asked = jobs(60).map((job) => as(`caller ${job.n}`, () => handle.request(job, soon)));
      for (const { n, from } of await Promise.all(asked)) {
        ok(["undefined", "launch", `caller ${n}`].includes(from), `caller ${n} is answered in the context "${from}"`);
      }
    },
  },
  {
    law: 11,
    name: "a loop sees the context of its launch, or none, and never a caller's",
    async run(trial) {
      const handle = await as("launch", () => trial.runtime().start(contextualLoop));
      const asked = jobs(60).map((job) => as(`caller ${job.n}`, () => handle.request(job, soon)));
      const seen = new Set((await Promise.all(asked)).map(({ from }) => from));
      ok(seen.size === 1, `one context for all, not ${[...seen]}`);
      ok(["undefined", "launch"].includes([...seen][0] as string), `the context of the launch, not "${[...seen]}"`);
    },
  },
  {
    law: 11,
    name: "what waits for a caller goes on in the caller's context",
    async run(trial) {
      const handle = await trial.runtime().start(contextual);
      const own = jobs(20).map((job) =>
        as(`caller ${job.n}`, async () => {
          await handle.request(job, soon);
          return hasContexts ? contextHere() : `caller ${job.n}`;
        }),
      );
      deepEqual(
        await Promise.all(own),
        jobs(20).map(({ n }) => `caller ${n}`),
        "contexts after the answer",
      );
    },
  },
  {
    law: 11,
    name: "a caller that gives up takes no other caller along",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      const control = new AbortController();
      const left = rejects(
        handle.request(Job({ n: 0 }), { signal: control.signal }),
        "ABORTED",
        "the one that gives up",
      );
      const others = jobs(10)
        .slice(1)
        .map((job) => handle.request(job, soon));
      control.abort();
      await left;
      await handle.activate();
      const answers = await within(PATIENCE, Promise.all(others), "the others");
      deepEqual(
        answers.map(({ n }) => n),
        jobs(10)
          .slice(1)
          .map(({ n }) => n),
        "answers",
      );
    },
  },
  {
    law: 11,
    name: "a receiver that gives up takes no output with it, and no other receiver",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const control = new AbortController();
      const first = rejects(handle.receive({ signal: control.signal }), "ABORTED", "the first");
      const second = handle.receive(soon);
      control.abort();
      await first;
      await handle.send(Job({ n: 1 }));
      equal((await second).n, 1, "output of the second");
      await handle.send(Job({ n: 2 }));
      equal((await collect(handle, 1))[0]?.n, 2, "the next output");
    },
  },
  {
    law: 11,
    name: "a call with wrong options costs itself",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const calls = [
        rejects(handle.send(Job({ n: 0 }), { timeout: -1 }), "INVALID_ARGUMENT", "send"),
        rejects(handle.receive({ timeout: Number.NaN }), "INVALID_ARGUMENT", "receive"),
        rejects(handle.request(Job({ n: 0 }), { timout: 1 } as never), "INVALID_ARGUMENT", "request"),
      ];
      await Promise.all(calls);
      equal((await handle.request(Job({ n: 5 }), soon)).n, 5, "answer");
      await quiet(handle, { received: 1 });
      await counts(handle, { errors: 0, input: { accepted: 1 } });
    },
  },
];
