import { deepEqual, equal, ok, PATIENCE, rejects, soon, throwsNow, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { asker, reverser } from "../../kernels/askers.js";
import { jumpy, source } from "../../kernels/endings.js";
import { slowSink, trapHandler, trapLoop } from "../../kernels/hostile.js";
import { worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { Task } from "../../kernels/messages.js";
import { Probe, prober } from "../../kernels/prober.js";
import { batcher } from "../../kernels/workers.js";
import { takes, telemetryWhen } from "../../support/handle.js";
import { quiet, reaches } from "../../support/traffic.js";

const LONG = 60_000;

export const corners: readonly Case[] = [
  {
    law: 2,
    name: "tryReceive on the host: what is there, in order, or undefined; the error of receive once nothing more comes",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(batcher);
      equal(runtime.tryReceive(handle), undefined, "before any");
      for (const n of [0, 1, 2]) await handle.send(Task({ n }));
      const taken: number[] = [];
      await until("three outputs", () => {
        const message = taken.length % 2 === 0 ? handle.tryReceive() : runtime.tryReceive(handle);
        if (message !== undefined) taken.push(message.n);
        return taken.length === 3;
      });
      deepEqual(taken, [0, 1, 2], "outputs");
      equal(handle.tryReceive(), undefined, "after the last");
      await handle.terminate();
      throwsNow(() => handle.tryReceive(), "TERMINATED");
      throwsNow(() => runtime.tryReceive("nobody" as never), "KERNEL_UNKNOWN");
    },
  },
  {
    law: 2,
    name: "request: one that waits for an activation is told of once, and answered after it",
    async run(trial) {
      const runtime = trial.runtime();
      const stalled: unknown[] = [];
      runtime.on("stalled", (event) => stalled.push(event));
      const handle = await runtime.launch(batcher);
      const answers = [1, 2].map((n) => handle.request(Task({ n }), soon));
      await until("the event", () => stalled.length > 0);
      await handle.activate();
      for (const [i, answer] of answers.entries()) equal((await answer).n, i + 1, "answer");
      deepEqual(stalled, [{ kernelId: "batcher", waitsOn: 'the activation of "batcher"' }], "events");
    },
  },
  {
    law: 2,
    name: "request: one of a kernel that waits for the activation of its peer is told of once, and answered after it",
    async run(trial) {
      const runtime = trial.runtime();
      const stalled: unknown[] = [];
      runtime.on("stalled", (event) => stalled.push(event));
      const peer = await runtime.launch(worker);
      const handle = await runtime.start(asker);
      const answer = handle.request(Job({ n: 1 }), soon);
      answer.catch(() => {}); // awaited below
      await until("the event", () => stalled.length > 0);
      await peer.activate();
      equal((await answer).n, 1, "answer");
      deepEqual(stalled, [{ kernelId: "asker", waitsOn: 'the activation of "worker"' }], "events");
    },
  },
  {
    law: 2,
    name: "send and request to a kernel whose body has returned say so",
    async run(trial) {
      const handle = await trial.runtime().start(prober);
      await handle.send(Probe({ op: "return" }));
      await until("terminated", () => handle.state === "terminated");
      for (const call of [handle.send(Probe({ op: "look" })), handle.request(Probe({ op: "look" }), soon)]) {
        const { remedy } = await rejects(call, "TERMINATED");
        ok(remedy.includes("returned"), `the remedy: ${remedy}`);
      }
    },
  },
  {
    law: 2,
    name: "reply: in a batch, each request gets the answer to its own message, and other outputs go the ordinary way",
    async run(trial) {
      const handle = await trial.runtime().launch(batcher);
      await handle.send(Task({ n: 1 }));
      const first = handle.request(Task({ n: 2 }), soon);
      await handle.send(Task({ n: 3 }));
      const second = handle.request(Task({ n: 4 }), soon);
      await handle.send(Task({ n: 5 }));
      await handle.activate();
      const answers = await Promise.all([first, second]);
      deepEqual(
        answers.map(({ n }) => n),
        [2, 4],
        "answers",
      );
      await takes(handle, [1, 3, 5]);
    },
  },
  {
    law: 2,
    name: "reply: of two messages in hand, the request gets its own answer, and the other output goes the ordinary way",
    async run(trial) {
      const handle = await trial.runtime().start(reverser);
      for (const plainFirst of [true, false]) {
        const [plain, asked] = [Job({ n: 1, outputs: 2 }), Job({ n: 2, outputs: 2 })];
        if (plainFirst) await handle.send(plain);
        const answer = handle.request(asked, soon);
        if (!plainFirst) await handle.send(plain);
        equal((await answer).n, 2, "answer");
        await takes(handle, [1]);
      }
    },
  },
  ...[trapHandler, trapLoop].map(
    (kernel): Case => ({
      law: 2,
      name: `reply: ${kernel.id} throws a value whose every trap throws: whoever asked is told, and the kernel does not hang`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        await rejects(handle.request(Task({ n: 0, fail: "trap" })), "KERNEL_FAILED", "the request");
        await quiet(handle, { input: { done: 0, deadLettered: 1 }, errors: 1 });
        if (kernel === trapHandler) equal((await handle.request(Task({ n: 1 }), soon)).n, 1, "the next answer");
        else await rejects(handle.send(Task({ n: 1 })), "KERNEL_FAILED", "the next send");
      },
    }),
  ),
  {
    law: 2,
    name: "terminate: what throws only when it is asked to end is not waited for until its next attempt",
    async run(trial) {
      const handle = await trial.runtime().start(jumpy);
      await handle.send(Task({ n: 1, hang: "until-asked", fail: "too late" }));
      await reaches(handle, { input: { inHand: 1 } });
      await within(PATIENCE, handle.terminate({ timeout: LONG }), "terminate");
      await quiet(handle, { input: { accepted: 1, done: 0, deadLettered: 1 } });
    },
  },
  {
    law: 2,
    name: "connect: resolves while the first kernel sends without pause",
    async run(trial) {
      const runtime = trial.runtime();
      const from = await runtime.start(source);
      const to = await runtime.start(slowSink, { queueSize: 16 });
      await telemetryWhen(from, "outputs", ({ ledger }) => ledger.output.queued > 0);
      // browsers delay timers to 4 ms, of which the sink takes one a message
      await within(PATIENCE + 4096 * 5, runtime.connect(from, to), "connect");
      await telemetryWhen(to, "messages behind the link", ({ processed }) => processed > 0);
    },
    limit: 30_000,
  },
];
