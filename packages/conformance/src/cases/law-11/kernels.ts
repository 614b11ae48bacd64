import { type AnyKernel, defineKernel } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, rejects, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { stillborn } from "../../kernels/faulty.js";
import { brittle, loopWorker, worker } from "../../kernels/job-workers.js";
import { gate, Job, Pass } from "../../kernels/jobs.js";
import { Result } from "../../kernels/messages.js";
import { lifeCounter } from "../../kernels/stages.js";
import { retrying } from "../../support/supervised.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);
/** A kernel whose module places cannot find; an in-process backend runs it nevertheless. */
const missing = defineKernel({
  id: "missing",
  module: "file:///a-folder-of-nobody/no-kernels.js",
  input: Job,
  handle() {},
}) as AnyKernel;

/** Kernels are isolated: the failure or end of one affects no other. */
export const kernels: readonly Case[] = [
  {
    law: 11,
    name: "a kernel that crashes again and again costs its neighbours no message, no life and no state",
    async run(trial) {
      const runtime = trial.runtime();
      const crashing = await runtime.start(loopWorker, { supervise: retrying, id: "crashing" });
      const calm = await runtime.start(lifeCounter);
      const bad = sendAll(
        crashing,
        Array.from({ length: 5 }, (_, n) => Job({ n, fail: "at once" })),
      );
      const seen: number[] = [];
      for (let n = 0; n < 40; n++) {
        await calm.send(Result({ n, by: "", index: 0 }));
        seen.push((await calm.receive(soon)).index);
      }
      deepEqual(seen, numbers(jobs(41)).slice(1), "what the neighbour counted in its one life");
      await until("a restart", async () => (await crashing.telemetry()).restarts > 0);
      await bad;
      await counts(calm, { restarts: 0, errors: 0, requeued: 0, deadLettered: 0 });
      ok(
        trial.errors.every(({ kernelId }) => kernelId === "crashing"),
        "errors name the kernel that crashes",
      );
    },
  },
  {
    law: 11,
    name: "a kernel that fails for good leaves its neighbours and the runtime as they were",
    async run(trial) {
      const runtime = trial.runtime();
      const [bad, good] = [await runtime.start(brittle), await runtime.start(worker)];
      const parked = rejects(bad.receive(), "KERNEL_FAILED", "the receive of the failed one");
      await bad.send(Job({ n: 0, fail: "at once" }));
      await parked;
      deepEqual(numbers(await asked(good, 20)), numbers(jobs(20)), "answers of the neighbour");
      equal(good.state, "active", "state of the neighbour");
      const late = await runtime.start(worker, { id: "late" });
      equal((await late.request(Job({ n: 5 }), soon)).n, 5, "answer of one that starts later");
      await quiet(good, { processed: 20, errors: 0, restarts: 0 });
    },
  },
  {
    law: 11,
    name: "a kernel that works for a long time keeps nobody waiting but its own messages",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(gate);
      const slow = await runtime.start(worker);
      const quick = await runtime.start(worker, { id: "quick" });
      await sendAll(slow, [Job({ n: 0, hold: true }), Job({ n: 1 })]);
      await reaches(slow, { input: { inHand: 1, queued: 1 } });
      deepEqual(numbers(await asked(quick, 50)), numbers(jobs(50)), "answers of the neighbour");
      await counts(slow, { processed: 0, input: { inHand: 1, queued: 1 } });
      await runtime.send(gate, Pass());
      deepEqual(numbers(await collect(slow, 2)), [0, 1], "outputs of the slow one");
    },
  },
  {
    law: 11,
    name: "a kernel whose output nobody reads holds up no other",
    async run(trial) {
      const runtime = trial.runtime();
      const full = await runtime.start(worker, { queueSize: 2 });
      const free = await runtime.start(worker, { id: "free", queueSize: 2 });
      const stuck = Promise.allSettled(jobs(12).map((job) => full.send(job)));
      await reaches(full, { output: { queued: 2 }, input: { queued: 2 } });
      const sent = sendAll(free, jobs(100));
      deepEqual(numbers(await collect(free, 100)), numbers(jobs(100)), "outputs of the other");
      await sent;
      deepEqual(numbers(await collect(full, 12)), numbers(jobs(12)), "outputs of the full one");
      await within(PATIENCE, stuck, "the sends");
    },
  },
  {
    law: 11,
    name: "a launch that fails costs none of those beside it, and leaves nothing",
    async run(trial) {
      const runtime = trial.runtime();
      const starts = [
        runtime.start(worker, { id: "a" }),
        runtime.start(missing, { id: "bad" }),
        runtime.start(worker, { id: "b" }),
        runtime.start(stillborn),
        runtime.start(worker, { id: "c" }),
      ];
      const outcomes = await within(2 * PATIENCE, Promise.allSettled(starts as Promise<unknown>[]), "the starts");
      for (const at of [0, 2, 4]) equal(outcomes[at]?.status, "fulfilled", `start ${at}`);
      for (const id of ["a", "b", "c"]) {
        const answer = await runtime.request(worker.as(id), Job({ n: 3 }), soon);
        equal(answer.n, 3, `answer of ${id}`);
      }
      if (outcomes[1]?.status === "rejected") {
        ok(!runtime.kernels.some(({ id }) => id === "bad"), "a kernel that was not launched is in no list");
      }
    },
  },
  {
    law: 11,
    name: "the end of one kernel ends neither another of the same definition nor its messages",
    async run(trial) {
      const runtime = trial.runtime();
      const [one, two] = [await runtime.start(worker, { id: "one" }), await runtime.start(worker, { id: "two" })];
      await two.deactivate();
      await sendAll(two, jobs(5));
      await one.terminate();
      await counts(two, { input: { accepted: 5, queued: 5 } });
      await two.reactivate();
      deepEqual(numbers(await collect(two, 5)), numbers(jobs(5)), "outputs");
    },
  },
  {
    law: 11,
    name: "what one runtime does, and its end, is nothing to another one of the same backend",
    async run(trial) {
      const [mine, other] = [trial.runtime(), trial.runtime()];
      const [bad, good] = [await mine.start(brittle), await other.start(brittle)];
      const told: string[] = [];
      for (const event of ["error", "state", "deadLetter"] as const) other.on(event, () => told.push(event));
      await bad.send(Job({ n: 0, fail: "at once" }));
      await reaches(bad, { deadLettered: 1 });
      await within(PATIENCE, mine.dispose(), "dispose");
      equal((await good.request(Job({ n: 4 }), soon)).n, 4, "answer");
      deepEqual(told, [], "events of the other runtime");
      equal(other.deadLetters.size, 0, "dead letters of the other runtime");
    },
  },
];

async function asked(
  kernel: { request(job: Job, wait: { timeout: number }): Promise<{ readonly n: number }> },
  count: number,
): Promise<readonly { readonly n: number }[]> {
  const answers = [];
  for (const job of jobs(count)) answers.push(await kernel.request(job, soon));
  return answers;
}
