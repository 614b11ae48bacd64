import { deepEqual, equal, ok, rejects, sleep, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Job } from "../../kernels/jobs.js";
import { mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { quick, retrying, SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, counts, quiet, reaches, sendAll } from "../../support/traffic.js";

const long = 60_000;
const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);

const givingUp: readonly Case[] = [0, 1, 3].flatMap((max) =>
  [mortalLoop, mortalHandler].flatMap((kernel): Case[] => [
    {
      law: 9,
      name: `limit: ${kernel.id} fails for good after ${max} restarts; what is queued becomes dead letters`,
      async run(trial) {
        const supervise = { ...retrying, limit: { max, window: long } };
        const rig = await SupervisedRig.launch(trial, kernel, { supervise });
        await sendAll(rig.kernel, [Job({ n: 0 }), Job({ n: 1, fail: "at once" }), Job({ n: 2 }), Job({ n: 3 })]);
        await rig.kernel.activate();
        equal((await collect(rig.kernel, 1))[0]?.n, 0, "the output before");
        await rejects(rig.kernel.receive(soon), "KERNEL_FAILED", "a receive");
        equal(rig.kernel.state, "failed", "state");
        await rig.restarted(max);
        const found = await letters(rig.runtime, 3);
        deepEqual(
          found.map(({ message, attempts, reason }) => [(message as Job).n, attempts, reason]),
          [
            [1, max + 1, "KERNEL_FAILED"],
            [2, 0, "KERNEL_FAILED"],
            [3, 0, "KERNEL_FAILED"],
          ],
          "dead letters",
        );
        const error = await rejects(rig.kernel.send(Job({ n: 4 })), "KERNEL_FAILED", "a later send");
        equal(error.details.restarts, max, "restarts in the error");
        await counts(rig.kernel, {
          input: { accepted: 4, queued: 0, inHand: 0, done: 1, deadLettered: 3 },
          ...{ received: max + 2, requeued: max, errors: max + 1, restarts: max, processed: 1 },
        });
      },
    },
    {
      law: 9,
      name: `limit: what ${kernel.id} gave up after ${max} restarts can be replayed once it is launched again`,
      async run(trial) {
        const supervise = { ...retrying, limit: { max, window: long } };
        const rig = await SupervisedRig.launch(trial, kernel, { supervise });
        await sendAll(rig.kernel, [Job({ n: 0, failures: max + 1 }), Job({ n: 1 }), Job({ n: 2 })]);
        await rig.kernel.activate();
        await letters(rig.runtime, 3);
        // a first attempt has left its output where effects are at once
        await reaches(rig.kernel, { errors: max + 1 });
        for (let i = 0; i <= max; i++) await rig.kernel.receive(soon);
        const again = await rig.runtime.start(kernel, { supervise });
        equal(await rig.runtime.deadLetters.replay(rig.runtime.deadLetters.peek()), 3, "replayed");
        equal(rig.runtime.deadLetters.size, 0, "dead letters left");
        deepEqual(numbers(await collect(again as typeof rig.kernel, 3)), [0, 1, 2], "outputs");
        await quiet(again, { processed: 3, restarts: 0, errors: 0, deadLettered: 0 });
        await rig.restarted(max);
      },
    },
  ]),
);

const windows: readonly Case[] = [
  {
    law: 9,
    name: "limit: the window slides: failures that lie further apart never use it up",
    async run(trial) {
      const supervise = { ...quick, limit: { max: 1, window: 40 } };
      const rig = await OperatorRig.start(trial, { supervise });
      for (let crash = 1; crash <= 4; crash++) {
        await rig.end("throw");
        await rig.do({ call: "look" });
        await counts(rig.kernel, { restarts: crash });
        await sleep(60);
      }
      equal(rig.kernel.state, "active", "state");
    },
  },
  {
    law: 9,
    name: "limit: returns count like failures",
    async run(trial) {
      const supervise = { ...quick, restart: "always", limit: { max: 2, window: long } } as const;
      const rig = await OperatorRig.start(trial, { supervise });
      for (const end of ["return", "throw"] as const) {
        await rig.end(end);
        await rig.do({ call: "look" });
      }
      await rig.end("return");
      await rejects(rig.kernel.receive(soon), "TERMINATED", "a receive");
      equal(rig.kernel.state, "terminated", "state after a return");
      await counts(rig.kernel, { restarts: 2, errors: 1 });
    },
  },
  {
    law: 9,
    name: "limit: each launch of a kernel has its own, and counts its restarts from 1",
    async run(trial) {
      const supervise = { ...quick, limit: { max: 2, window: long } };
      const runtime = trial.runtime();
      const seen: string[] = [];
      runtime.on("restart", ({ kernelId, attempt }) => seen.push(`${kernelId} ${attempt}`));
      for (const id of ["one", "two", "one"]) {
        const handle = await runtime.start(mortalHandler, { id, supervise });
        for (let n = 0; n < 3; n++) await handle.send(Job({ n, fail: "at once" })).catch(() => {});
        await rejects(handle.receive(soon), "KERNEL_FAILED", "a receive");
      }
      deepEqual(seen, ["one 1", "one 2", "two 1", "two 2", "one 1", "one 2"], "restart events");
    },
  },
];

const delays: readonly Case[] = [
  {
    law: 9,
    name: "backoff: the delays grow by the factor up to the longest one, and are kept",
    async run(trial) {
      const backoff = { initial: 20, factor: 2, max: 50, jitter: 0 };
      const rig = await SupervisedRig.start(trial, mortalHandler, { supervise: { onCrash: "retry", backoff } });
      const start = performance.now();
      await rig.kernel.send(Job({ n: 0, failures: 4, outputs: 0 }));
      await reaches(rig.kernel, { processed: 1 });
      const lasted = performance.now() - start;
      const told = (await rig.restarted(4)).map(({ kernelId, attempt, delay }) => [kernelId, attempt, delay]);
      const kernelId = rig.kernel.id;
      deepEqual(
        told,
        [
          [kernelId, 1, 20],
          [kernelId, 2, 40],
          [kernelId, 3, 50],
          [kernelId, 4, 50],
        ],
        "restart events",
      );
      ok(lasted > 150, `20, 40, 50 and 50 ms took ${lasted} ms`);
    },
  },
  {
    law: 9,
    name: "backoff: jitter leaves its share of a delay to chance, and no more",
    async run(trial) {
      const backoff = { initial: 4, factor: 1, max: 4, jitter: 0.5 };
      const rig = await SupervisedRig.start(trial, mortalHandler, { supervise: { onCrash: "retry", backoff } });
      await rig.kernel.send(Job({ n: 0, failures: 20, outputs: 0 }));
      await reaches(rig.kernel, { processed: 1 });
      const told = (await rig.restarted(20)).map(({ delay }) => delay);
      ok(
        told.every((delay) => delay >= 2 && delay <= 4),
        `delays from 2 to 4: ${told.join()}`,
      );
      ok(new Set(told).size > 1, "not all the same");
    },
  },
  {
    law: 9,
    name: "backoff: left out: a tenth of a second, then twice as long",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, mortalHandler.as("patient"), {
        supervise: { onCrash: "retry", backoff: { initial: 100, factor: 2, jitter: 0.2 } },
      });
      await rig.kernel.send(Job({ n: 0, failures: 2, outputs: 0 }));
      await reaches(rig.kernel, { processed: 1 });
      const [first, second] = (await rig.restarted(2)).map(({ delay }) => delay) as [number, number];
      ok(first >= 80 && first <= 100, `the first delay: ${first}`);
      ok(second >= 160 && second <= 200, `the second delay: ${second}`);
    },
  },
];

export const limits: readonly Case[] = [...givingUp, ...windows, ...delays];
