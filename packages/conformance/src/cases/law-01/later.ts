import { deepEqual, equal, ok, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { alarm } from "../../kernels/timing.js";
import { handler } from "../../kernels/workers.js";
import { letters } from "../../support/told.js";
import { collect, counts, quiet, reaches } from "../../support/traffic.js";

const AN_HOUR = 3_600_000;

/** Messages that the host sends later. */
export const later: readonly Case[] = [
  {
    law: 1,
    name: "later: a message is queued until it is due, and not delivered before",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      const start = performance.now();
      await handle.send(Task({ n: 1 }), { delay: 100 });
      await runtime.send(handler, Task({ n: 2 }), { at: Date.now() + 50 });
      await runtime.send(handler, Task({ n: 3 }), { at: new Date(0) });
      await reaches(handle, { input: { accepted: 3 } });
      const seen = (await collect(handle, 3)).map(({ n }) => n);
      const lasted = performance.now() - start;
      ok(lasted >= 99, `delivered after ${lasted} ms, not 100`);
      deepEqual(seen.sort(), [1, 2, 3], "results");
      await quiet(handle, { processed: 3, input: { accepted: 3, done: 3 } });
    },
  },
  {
    law: 1,
    name: "later: a signal withdraws a message, which then counts as dropped",
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      const controller = new AbortController();
      await handle.send(Task({ n: 1 }), { delay: AN_HOUR, signal: controller.signal });
      await counts(handle, { input: { accepted: 1, queued: 1, dropped: 0 } });
      controller.abort();
      await counts(handle, { input: { accepted: 1, queued: 0, dropped: 1 }, dropped: 1 });
      const again = handle.send(Task({ n: 2 }), { delay: 1, signal: controller.signal });
      await rejects(again, "ABORTED", "a send with an aborted signal");
      equal((await handle.request(Task({ n: 3 }), soon)).n, 3, "an answer afterwards");
    },
  },
  ...[false, true].map(
    (drain): Case => ({
      law: 1,
      name: `later: what is not due when the kernel ends is a dead letter, and can be replayed${drain ? ", also with drain" : ""}`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.start(handler);
        for (let n = 0; n < 5; n++) await handle.send(Task({ n }), { delay: AN_HOUR });
        await handle.terminate({ drain });
        const found = await letters(runtime, 5);
        deepEqual(
          found.map(({ reason, attempts }) => `${reason} ${attempts}`),
          found.map(() => "TERMINATED 0"),
          "dead letters",
        );
        await counts(handle, { input: { accepted: 5, queued: 0, deadLettered: 5 } });
        await rejects(handle.send(Task({ n: 9 }), { delay: 1 }), "TERMINATED", "a send afterwards");
        const next = await runtime.start(handler);
        await runtime.deadLetters.replay(found);
        deepEqual((await collect(next, 5)).map(({ n }) => n).sort(), [0, 1, 2, 3, 4], "replayed");
      },
    }),
  ),
  {
    law: 1,
    name: "later: a restart of the kernel does not concern it",
    async run(trial) {
      const handle = await trial.runtime().start(alarm);
      await handle.send(Task({ n: 1 }), { delay: 100 });
      await handle.send(Task({ n: 2, fail: "on purpose" }));
      await reaches(handle, { restarts: 1 });
      equal((await collect(handle, 1))[0]?.n, 1, "result");
      await quiet(handle, { input: { accepted: 2, done: 2 } });
    },
  },
];
