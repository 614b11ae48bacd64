import { deepEqual, equal, ok, sleep } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { alarm, oneByOne } from "../../kernels/timing.js";
import { errorEvents } from "../../support/told.js";
import { collect, counts, quiet, reaches } from "../../support/traffic.js";

const AN_HOUR = 3_600_000;

export const timers: readonly Case[] = [
  {
    law: 5,
    name: "timers: one is called once, not before it is due, and its result is an output",
    async run(trial) {
      const handle = await trial.runtime().start(alarm);
      const start = performance.now();
      await handle.send(Task({ n: 1, delay: 50 }));
      const [first] = await collect(handle, 1);
      const lasted = performance.now() - start;
      ok(lasted >= 49, `called after ${lasted} ms, not 50`);
      deepEqual([first?.n, first?.by, first?.correlationId], [1, "timer", null], "output");
      await quiet(handle, { received: 1, processed: 1, sent: 1, errors: 0 });
    },
  },
  {
    law: 5,
    name: "timers: one replaces another with the same key, and no other",
    async run(trial) {
      const handle = await trial.runtime().start(alarm);
      for (const n of [1, 2]) await handle.send(Task({ n, delay: AN_HOUR }));
      for (const n of [3, 4]) await handle.send(Task({ n, delay: 20 }));
      const numbers = (await collect(handle, 2)).map(({ n }) => n);
      deepEqual(numbers.sort(), [3, 4], "results");
      await quiet(handle, { sent: 2 });
    },
  },
  {
    law: 5,
    name: "timers: none runs while a message is processed, nor the other way round",
    async run(trial) {
      const handle = await trial.runtime().start(oneByOne);
      for (let n = 0; n < 5; n++) await handle.send(Task({ n, delay: 3 }));
      const results = await collect(handle, 10);
      deepEqual(
        results.map(({ index }) => index),
        results.map(() => 0),
        "bodies that began beside another",
      );
      equal(results.filter(({ by }) => by === "timer").length, 5, "timers");
      await quiet(handle, { received: 5, processed: 5, sent: 10 });
    },
  },
  {
    law: 5,
    name: "timers: a deactivated kernel calls its timers when it is active again",
    async run(trial) {
      const handle = await trial.runtime().start(alarm);
      await handle.send(Task({ n: 1, delay: 50 }));
      await reaches(handle, { processed: 1 });
      await handle.deactivate();
      const { sent } = await handle.telemetry();
      await sleep(80);
      await counts(handle, { sent });
      await handle.activate();
      equal((await collect(handle, 1))[0]?.n, 1, "result");
    },
  },
  {
    law: 5,
    name: "timers: they end with the incarnation, which their exception ends",
    async run(trial) {
      const handle = await trial.runtime().start(alarm);
      await handle.send(Task({ n: 1, delay: 200 }));
      await handle.send(Task({ n: 2, delay: 1, fail: "on purpose" }));
      const [error] = await errorEvents(trial, 1);
      equal((error?.cause as Error | undefined)?.message, "on purpose", "cause");
      await reaches(handle, { restarts: 1, errors: 1, deadLettered: 0 });
      await handle.send(Task({ n: 3, delay: 300 }));
      equal((await collect(handle, 1))[0]?.n, 3, "the first result afterwards");
      await handle.send(Task({ n: 5, delay: AN_HOUR }));
      await quiet(handle, { sent: 1, processed: 4 });
      await handle.terminate({ drain: true });
    },
  },
];
