import type { Supervision } from "@ringline/core";
import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { brittle, manualWorker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, quiet, reaches, sendAll } from "../../support/traffic.js";

/** Options that must be refused, each with the name in the error. */
const bad: readonly [unknown, string][] = [
  [{ restart: "sometimes" }, "supervise.restart"],
  [{ restart: true }, "supervise.restart"],
  [{ limit: { max: -1, window: 1000 } }, "supervise.limit.max"],
  [{ limit: { max: 1.5, window: 1000 } }, "supervise.limit.max"],
  [{ limit: { max: Number.NaN, window: 1000 } }, "supervise.limit.max"],
  [{ limit: { window: 1000 } }, "supervise.limit.max"],
  [{ limit: { max: 3, window: 0 } }, "supervise.limit.window"],
  [{ limit: { max: 3, window: Number.NaN } }, "supervise.limit.window"],
  [{ limit: { max: 3 } }, "supervise.limit.window"],
  [{ limit: null }, "supervise.limit"],
  [{ limit: 3 }, "supervise.limit"],
  [{ backoff: { initial: -1 } }, "backoff.initial"],
  [{ backoff: { initial: Number.NaN } }, "backoff.initial"],
  [{ backoff: { initial: 1, factor: 0.5 } }, "backoff.factor"],
  [{ backoff: { initial: 1, jitter: 2 } }, "backoff.jitter"],
  [{ backoff: { initial: 1, max: -1 } }, "backoff.max"],
  [{ onCrash: "ignore" }, "supervise.onCrash"],
  [{ effects: "later" }, "supervise.effects"],
  [{ retries: 3 }, "supervise.retries"],
  [null, "supervise"],
  ["always", "supervise"],
  [5, "supervise"],
];

const named = (value: unknown) => JSON.stringify(value, (_, inner) => (Number.isNaN(inner) ? "NaN" : inner));

const refused: readonly Case[] = [
  ...bad.map(
    ([supervise, argument]): Case => ({
      law: 9,
      name: `options: a launch with ${named(supervise)} is refused`,
      async run(trial) {
        const runtime = trial.runtime();
        const launched = runtime.launch(brittle, { supervise: supervise as Supervision });
        const { details } = await rejects(launched, "INVALID_ARGUMENT", "the launch");
        // the exact name is up to the host; it must not name another option
        equal(details.argument.startsWith(argument), true, `${details.argument} names ${argument}`);
        deepEqual(runtime.kernels, [], "kernels");
      },
    }),
  ),
  {
    law: 9,
    name: "options: effects that are committed need a kernel that does not settle by itself",
    async run(trial) {
      const runtime = trial.runtime();
      const launched = runtime.launch(manualWorker, { supervise: { effects: "commit" } });
      const { details } = await rejects(launched, "INVALID_ARGUMENT", "the launch");
      equal(details.argument, "supervise.effects", "argument");
      deepEqual(runtime.kernels, [], "kernels");
    },
  },
];

const launches: readonly Case[] = [mortalLoop, mortalHandler].flatMap((kernel): Case[] => [
  {
    law: 9,
    name: `options: ${kernel.id} lives again as it says itself where the launch says nothing`,
    async run(trial) {
      const rig = await SupervisedRig.start(trial, kernel);
      await sendAll(rig.kernel, [Job({ n: 0, fail: "at once" }), Job({ n: 1 })]);
      equal((await collect(rig.kernel, 1))[0]?.n, 1, "output");
      await quiet(rig.kernel, { restarts: 1, deadLettered: 1, requeued: 0 });
    },
  },
  {
    law: 9,
    name: `options: ${kernel.id}: a launch overrides the kernel`,
    async run(trial) {
      const rig = await SupervisedRig.start(trial, kernel, { supervise: { restart: "never" } });
      await rig.kernel.send(Job({ n: 0, fail: "at once" }));
      await rejects(rig.kernel.receive(soon), "KERNEL_FAILED", "a receive");
      equal(rig.kernel.state, "failed", "state");
      await rig.restarted(0);
    },
  },
  {
    law: 9,
    name: `options: ${kernel.id}: a launch overrides one option and leaves the others`,
    async run(trial) {
      const rig = await SupervisedRig.start(trial, kernel, { supervise: { limit: { max: 1, window: 60_000 } } });
      for (let n = 0; n < 2; n++) await rig.kernel.send(Job({ n, fail: "at once" })).catch(() => {});
      await reaches(rig.kernel, { restarts: 1, errors: 2 });
      // its own delay of a millisecond still holds, and so does its own "dead-letter"
      equal((await rig.restarted(1))[0]?.delay, 1, "delay");
      deepEqual(
        (await letters(rig.runtime, 2)).map(({ attempts }) => attempts),
        [1, 1],
        "attempts",
      );
      equal(rig.kernel.state, "failed", "state");
    },
  },
  {
    law: 9,
    name: `options: ${kernel.id}: two launches of it are supervised each by its own`,
    async run(trial) {
      const rig = await SupervisedRig.start(trial, kernel, { supervise: { onCrash: "retry" } });
      const other = await rig.runtime.start(kernel, { id: "other", supervise: { restart: "never" } });
      await rig.kernel.send(Job({ n: 5, failures: 1, outputs: 0 }));
      await quiet(rig.kernel, { processed: 1, restarts: 1 });
      await other.send(Job({ n: 6, fail: "at once" }));
      await rejects(other.receive(soon), "KERNEL_FAILED", "a receive of the other");
      equal(rig.kernel.state, "active", "state of the first");
      equal(other.state, "failed", "state of the other");
    },
  },
]);

export const options: readonly Case[] = [...refused, ...launches];
