import { deepEqual, equal, ok } from "../../assert.js";
import type { Case } from "../../case.js";
import { Errand, fragile, orderly } from "../../kernels/crowds.js";
import { range } from "../../support/handle.js";
import { letters } from "../../support/told.js";
import { collect, quiet } from "../../support/traffic.js";
import { group } from "../law-03/concurrency.js";

/** Failures of a kernel that works on several messages at the same time. */
export const concurrency: readonly Case[] = [
  {
    law: 9,
    name: "concurrency: a failed message is a dead letter, the others in progress are done",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(orderly);
      const one = { group: group(), together: 3 };
      for (const n of range(6)) await handle.send(Errand({ ...one, n, fails: n === 1 }));
      deepEqual(
        (await collect(handle, 5)).map(({ n }) => n),
        [0, 2, 3, 4, 5],
        "results",
      );
      await quiet(handle, { processed: 5, deadLettered: 1, errors: 1, restarts: 0 });
      equal((await letters(runtime, 1))[0]?.attempts, 1, "attempts");
    },
  },
  {
    law: 9,
    name: "concurrency: after a crash what was in progress is tried again in order, and no output is doubled",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(fragile);
      const one = { group: group(), together: 3 };
      for (const n of range(9)) await handle.send(Errand({ ...one, n, fails: n === 4 }));
      deepEqual(
        (await collect(handle, 9)).map(({ n }) => n),
        range(9),
        "results",
      );
      await quiet(handle, { processed: 9, sent: 9, deadLettered: 0 });
      const { restarts } = await handle.telemetry();
      ok(restarts >= 1, "it has crashed");
      equal(handle.tryReceive(), undefined, "further output");
    },
  },
];
