import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { brittle, loopWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { mayfly, mortalLoop, shortSource } from "../../kernels/mortal.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { quick, SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

/** Expected restart by policy and by the end of the last incarnation. */
const table = [
  { restart: "never", end: "throw", state: "failed" },
  { restart: "never", end: "return", state: "terminated" },
  { restart: "on-failure", end: "throw", state: undefined },
  { restart: "on-failure", end: "return", state: "terminated" },
  { restart: "always", end: "throw", state: undefined },
  { restart: "always", end: "return", state: undefined },
] as const;

export const policies: readonly Case[] = [
  ...table.map(
    ({ restart, end, state }): Case => ({
      law: 9,
      name: `policy ${restart}: a body that ${end}s ${state === undefined ? "lives again" : `leaves it ${state}`}`,
      async run(trial) {
        const runtime = trial.runtime();
        const attempts: number[] = [];
        runtime.on("restart", ({ attempt }) => attempts.push(attempt));
        const rig = await OperatorRig.start(trial, { supervise: { ...quick, restart } }, runtime);
        await rig.end(end);
        if (state === undefined) {
          deepEqual((await rig.do({ call: "look" }))[0]?.ns, [1, 0, 0], "active, not ending, not aborted");
          equal(rig.kernel.state, "active", "state");
        } else {
          await rejects(rig.kernel.receive(), end === "throw" ? "KERNEL_FAILED" : "TERMINATED", "a receive");
          equal(rig.kernel.state, state, "state");
        }
        deepEqual(attempts, state === undefined ? [1] : [], "restart events");
        await counts(rig.kernel, { restarts: attempts.length, errors: end === "throw" ? 1 : 0 });
      },
    }),
  ),
  ...(["never", "on-failure", "always"] as const).map(
    (restart): Case => ({
      law: 9,
      name: `policy ${restart}: a kernel that was terminated does not live again`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, mortalLoop, { supervise: { restart } });
        equal((await rig.kernel.request(Job({ n: 1 }), soon)).by, "life 1", "the first life");
        await rig.kernel.terminate();
        await rejects(rig.kernel.receive({ timeout: 20 }), "TERMINATED", "a receive");
        equal(rig.kernel.state, "terminated", "state");
        await rig.restarted(0);
        await counts(rig.kernel, { restarts: 0 });
      },
    }),
  ),
  {
    law: 9,
    name: "policy: left out: a failure is the end",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, loopWorker);
      await rejects(rig.kernel.request(Job({ n: 1, fail: "at once" })), "KERNEL_FAILED", "the request");
      await rejects(rig.kernel.receive(), "KERNEL_FAILED", "a receive");
      equal(rig.kernel.state, "failed", "state");
      await rig.restarted(0);
    },
  },
  {
    law: 9,
    name: "policy always: a body that returns after each job does them all, one life each",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, mayfly);
      await sendAll(rig.kernel, jobs(20));
      deepEqual(
        (await collect(rig.kernel, 20)).map(({ n }) => n),
        jobs(20).map(({ n }) => n),
        "outputs",
      );
      await quiet(rig.kernel, { processed: 20, received: 20, requeued: 0, errors: 0, deadLettered: 0, restarts: 20 });
      await rig.restarted(20);
      await rig.kernel.terminate();
      equal(rig.kernel.state, "terminated", "state");
    },
  },
  {
    law: 9,
    name: "policy always: what a body that returns has not settled becomes a dead letter, its queue stays",
    async run(trial) {
      const supervise = { ...quick, restart: "always" } as const;
      const rig = await OperatorRig.start(trial, { ack: "manual", supervise });
      await sendAll(rig.kernel, jobs(3));
      await rig.do({ call: "receive" });
      await rig.end("return");
      deepEqual((await rig.do({ call: "receive" }))[0]?.ns, [1], "what the next life gets");
      const found = await letters(rig.runtime, 1);
      deepEqual(
        found.map(({ message, reason, attempts }) => [(message as Job).n, reason, attempts]),
        [[0, "TERMINATED", 1]],
        "dead letter",
      );
      await counts(rig.kernel, {
        restarts: 1,
        errors: 0,
        input: { accepted: 3, queued: 1, inHand: 1, deadLettered: 1 },
      });
    },
  },
  {
    law: 9,
    name: "policy: a source lives again and restarts from its beginning",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, shortSource);
      const outputs = (await collect(rig.kernel, 9)).map(({ n }) => n);
      deepEqual(outputs, [0, 1, 2, 0, 1, 2, 0, 1, 2], "outputs");
    },
  },
  {
    law: 9,
    name: "policy: a handler has a new life after onError says fail, and one that goes on has not",
    async run(trial) {
      const fails = await SupervisedRig.start(trial, brittle, { supervise: quick });
      const goesOn = await SupervisedRig.start(trial, worker, { supervise: quick });
      for (const { kernel } of [fails, goesOn]) {
        await sendAll(kernel, [Job({ n: 0, fail: "later" }), Job({ n: 1 })]);
        equal((await collect(kernel, 1))[0]?.n, 1, "the next output");
      }
      await reaches(fails.kernel, { errors: 1, deadLettered: 1, processed: 1, restarts: 1 });
      await reaches(goesOn.kernel, { errors: 1, deadLettered: 1, processed: 1, restarts: 0 });
    },
  },
];
