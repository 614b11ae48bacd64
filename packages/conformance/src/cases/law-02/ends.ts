import { deepEqual, equal, ok, PATIENCE, rejects, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { asker } from "../../kernels/askers.js";
import { brittle, jobWorkers, loopWorker, relay, worker } from "../../kernels/job-workers.js";
import { gate, Job } from "../../kernels/jobs.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { letters } from "../../support/told.js";
import { collect, jobs, reaches, sendAll } from "../../support/traffic.js";

export const ends: readonly Case[] = [
  {
    law: 2,
    name: "after terminate: send, request and receive end with TERMINATED, once the outputs are read",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      await sendAll(handle, jobs(2));
      await reaches(handle, { output: { queued: 2 } });
      await handle.terminate();
      await rejects(handle.send(Job({ n: 1 })), "TERMINATED", "send");
      await rejects(handle.send(Job({ n: 1 }), { timeout: 0 }), "TERMINATED", "send with a time-out");
      await rejects(handle.request(Job({ n: 1 })), "TERMINATED", "request");
      deepEqual(
        (await collect(handle, 2)).map(({ n }) => n),
        [0, 1],
        "outputs",
      );
      await rejects(handle.receive(), "TERMINATED", "receive");
      await rejects(handle.receive({ timeout: 0 }), "TERMINATED", "receive with a time-out");
    },
  },
  ...[brittle, loopWorker].map(
    (kernel): Case => ({
      law: 2,
      name: `after a crash of ${kernel.id}: send, request and receive end with KERNEL_FAILED, once the outputs are read`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        await sendAll(handle, [Job({ n: 0 }), Job({ n: 1, fail: "at once" })]);
        await reaches(handle, { deadLettered: 1 });
        for (const wait of [undefined, { timeout: 0 }]) {
          const sent = await rejects(handle.send(Job({ n: 2 }), wait), "KERNEL_FAILED", "send");
          equal(sent.kernelId, kernel.id, "kernel of the error");
          await rejects(handle.request(Job({ n: 2 }), wait), "KERNEL_FAILED", "request");
        }
        equal((await handle.receive({ timeout: 0 })).n, 0, "the output");
        const error = await rejects(handle.receive(), "KERNEL_FAILED", "receive");
        equal((error.cause as Error | undefined)?.name, "RangeError", "cause");
      },
    }),
  ),
  {
    law: 2,
    name: "after dispose: launch, send, request and receive end with TERMINATED, and dispose again gives the same",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      const ledgers = await runtime.dispose();
      await rejects(runtime.launch(worker.as("later")), "TERMINATED", "launch");
      await rejects(runtime.start(worker), "TERMINATED", "start");
      await rejects(handle.send(Job({ n: 1 })), "TERMINATED", "send");
      await rejects(handle.request(Job({ n: 1 })), "TERMINATED", "request");
      await rejects(handle.receive(), "TERMINATED", "receive");
      await handle.terminate();
      ok((await runtime.dispose()) === ledgers, "the same ledgers");
    },
  },
  {
    law: 2,
    name: "dispose: everything that waits at once ends",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { queueSize: 1 });
      const { runtime, kernel } = rig;
      const other = await runtime.launch(worker, { queueSize: 1 });
      await sendAll(other, jobs(1));
      await kernel.send(Job({ n: 0 }));
      const waits = [
        ...jobs(50).map((job) => kernel.send(job)),
        ...jobs(50).map((job) => other.request(job)),
        ...jobs(50).map((job) => runtime.send("worker", job)),
        ...jobs(50).map(() => kernel.receive()),
        ...jobs(50).map(() => runtime.receive(other)),
      ].map((wait) => rejects(wait, "TERMINATED"));
      await rig.begin({ call: "receiveFrom", times: 3 }).catch(() => {});
      await within(PATIENCE, runtime.dispose(), "dispose");
      await Promise.all(waits);
    },
  },
  {
    law: 2,
    name: "dispose: while a kernel is being launched and another one ends",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(worker);
      const ended = first.terminate();
      const launched = runtime.launch(loopWorker).then(
        () => "launched",
        (error) => error.code,
      );
      await within(PATIENCE, runtime.dispose(), "dispose");
      await ended;
      ok(["launched", "TERMINATED"].includes(await within(PATIENCE, launched, "launch")), "the launch is settled");
    },
  },
  {
    law: 2,
    name: "terminate: all who call it wait for the same end",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      await runtime.start(gate);
      await handle.send(Job({ n: 1, hold: true }));
      await reaches(handle, { input: { inHand: 1 } });
      const calls = [handle.terminate(), handle.terminate({ timeout: 0 }), runtime.terminate("worker")];
      await within(PATIENCE, Promise.all(calls), "terminate");
      await handle.terminate();
      equal(handle.state, "terminated", "state");
    },
  },
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 2,
      name: `terminate: ${kernel.id} that waits for work ends at once`,
      async run(trial) {
        const runtime = trial.runtime();
        const idle = await runtime.start(kernel);
        await within(PATIENCE, idle.terminate({ timeout: Number.POSITIVE_INFINITY }), "terminate while active");
        const launched = await runtime.launch(kernel);
        await within(PATIENCE, launched.terminate({ timeout: Number.POSITIVE_INFINITY }), "terminate while launched");
        const deactivated = await runtime.start(kernel);
        await deactivated.deactivate();
        const ended = deactivated.terminate({ timeout: Number.POSITIVE_INFINITY, drain: true });
        await within(PATIENCE, ended, "terminate while deactivated");
      },
    }),
  ),
  {
    law: 2,
    name: "terminate: a kernel that is linked to itself and full ends at once",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(relay, { queueSize: 1 });
      await runtime.connect(handle, handle);
      const sends = Promise.allSettled(jobs(5).map((job) => handle.send(job)));
      await reaches(handle, { input: { inHand: 1, queued: 1 } });
      await within(PATIENCE, handle.terminate({ timeout: Number.POSITIVE_INFINITY }), "terminate");
      await within(PATIENCE, sends, "the sends");
    },
  },
  {
    law: 2,
    name: "terminate: a kernel that waits for its own answer ends at once, and so does its asker",
    async run(trial) {
      const handle = await trial.runtime().start(asker, { peers: { asked: "asker" } });
      const asked = rejects(handle.request(Job({ n: 1 })), "TERMINATED", "the request");
      await reaches(handle, { input: { inHand: 1, queued: 1 } });
      await within(PATIENCE, handle.terminate({ timeout: Number.POSITIVE_INFINITY }), "terminate");
      await asked;
    },
  },
  {
    law: 2,
    name: "loop: a loop over a handle takes its outputs and ends with the kernel",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const taken: number[] = [];
      const loop = (async () => {
        for await (const { n } of handle) taken.push(n);
      })();
      await sendAll(handle, jobs(10));
      await handle.terminate({ drain: true });
      await within(PATIENCE, loop, "the loop");
      deepEqual(
        taken,
        jobs(10).map(({ n }) => n),
        "outputs",
      );
    },
  },
  {
    law: 2,
    name: "loop: a loop over a handle fails when the kernel crashes",
    async run(trial) {
      const handle = await trial.runtime().start(brittle);
      const loop = (async () => {
        for await (const _ of handle);
      })();
      const ended = rejects(loop, "KERNEL_FAILED", "the loop");
      await handle.send(Job({ n: 1, fail: "at once" }));
      await ended;
    },
  },
  {
    law: 2,
    name: "drain: one that cannot end is cut short by its time-out",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(gate);
      const handle = await runtime.start(worker);
      await sendAll(handle, [Job({ n: 1, hold: true }), Job({ n: 2 })]);
      await reaches(handle, { input: { inHand: 1 } });
      await within(PATIENCE, handle.terminate({ drain: true, timeout: 30 }), "terminate");
      await letters(runtime, 2);
    },
  },
  {
    law: 2,
    name: "drain: a kernel whose output nobody reads ends all the same",
    async run(trial) {
      const handle = await trial.runtime().start(worker, { queueSize: 2 });
      const sent = jobs(6).map((job) => handle.send(job).catch(() => {}));
      await reaches(handle, { output: { queued: 2 } });
      await within(PATIENCE, handle.terminate({ drain: true, timeout: 50 }), "terminate");
      await Promise.all(sent);
      equal(handle.state, "terminated", "state");
    },
  },
];
