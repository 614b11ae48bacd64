import { deepEqual, equal, ok, PATIENCE, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { delegate as delegating } from "../../kernels/deadlines.js";
import { worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { LOSSES, lose, loseAndWait, losing, placesOf, runElsewhere } from "../../support/losing.js";
import { retrying } from "../../support/supervised.js";
import { collect, jobs, quiet, sendAll } from "../../support/traffic.js";

const ids = ["a", "b", "c", "d"] as const;

/** A lost place affects only the kernels that were on it. */
export const neighbours: readonly Case[] = [
  losing(11, "kernels elsewhere go on: no restart, no error, nothing delivered twice", async (trial) => {
    const runtime = trial.runtimeWithBeside();
    const kernels = [];
    for (const id of ids) kernels.push(await runtime.start(worker, { id, supervise: retrying }));
    const sends = kernels.map((kernel) => sendAll(kernel, jobs(300)));
    await Promise.all(kernels.map((kernel) => collect(kernel, 50)));
    const before = await placesOf(runtime);
    const [lost] = await lose(trial, runtime, "b");
    const gone = ids.filter((id) => before.get(id) === lost);
    await runElsewhere(runtime, new Set([lost as string]), gone);
    for (const [i, kernel] of kernels.entries()) {
      if (gone.includes(ids[i] as never)) continue;
      deepEqual((await collect(kernel, 250)).map(({ n }) => n).slice(-1), [299], `last output of ${kernel.id}`);
      await quiet(kernel, { received: 300, processed: 300, requeued: 0, restarts: 0, output: { accepted: 300 } });
    }
    for (const id of gone) await quiet(kernels[ids.indexOf(id)] as never, { processed: 300 });
    await Promise.all(sends);
    const told = trial.errors.map(({ kernelId, code }) => `${kernelId} ${LOSSES.includes(code) ? "lost" : code}`);
    deepEqual(told.sort(), gone.map((id) => `${id} lost`).sort(), "error events");
  }),
  losing(11, "kernels that start beside a loss come up", async (trial) => {
    const runtime = trial.runtimeWithBeside();
    await runtime.start(worker, { id: "a", supervise: retrying });
    const starting = ["b", "c", "d"].map((id) => runtime.start(worker, { id, supervise: retrying }));
    const all = Promise.allSettled(starting);
    const [lost] = await lose(trial, runtime, "a");
    await runElsewhere(runtime, new Set([lost as string]), ["a"]);
    const failed = (await within(2 * PATIENCE, all, "the starts")).flatMap((one) =>
      one.status === "rejected" ? [one.reason.code as string] : [],
    );
    // a kernel that was about to start on the lost place may report the loss
    ok(
      failed.every((code) => LOSSES.includes(code)),
      `starts failed with ${failed}`,
    );
    for (const { kernelId } of (await runtime.inspect()).kernels) {
      const answer = await runtime.request(worker.as(kernelId), Job({ n: 1 }), { timeout: 2 * PATIENCE });
      equal(answer.n, 1, `answer of ${kernelId}`);
    }
  }),
  losing(11, "a loss in one runtime is none in another, nor is its dispose", async (trial) => {
    const [one, two] = [trial.runtimeWithBeside(), trial.runtimeWithBeside()];
    const bad = await one.start(worker, { supervise: retrying });
    const good = await two.start(worker, { id: "good", supervise: retrying });
    const [mine, other] = [(await placesOf(one)).get(bad.id), (await placesOf(two)).get("good")];
    await loseAndWait(trial, one, bad.id);
    const isShared = mine === other; // a host may serve several runtimes
    equal((await good.request(Job({ n: 5 }), { timeout: 2 * PATIENCE })).n, 5, "answer");
    await within(PATIENCE, one.dispose({ timeout: 200 }), "dispose");
    equal((await good.request(Job({ n: 6 }), { timeout: 2 * PATIENCE })).n, 6, "answer after the dispose");
    if (!isShared) await quiet(good, { restarts: 0, received: 2, processed: 2 });
  }),
  losing(11, "a kernel that talks to a lost one goes on, and so does the conversation", async (trial) => {
    const runtime = trial.runtimeWithBeside();
    const target = await runtime.start(worker, { supervise: retrying });
    const asker = await runtime.start(delegating, { supervise: retrying, peers: { helper: target } });
    for (let round = 0; round < 2; round++) {
      const before = await placesOf(runtime);
      const isShared = before.get(target.id) === before.get(asker.id);
      await loseAndWait(trial, runtime, target.id);
      const answer = asker.request(Job({ n: round, delay: 20_000 }), { timeout: 20_000 });
      equal((await within(2 * PATIENCE, answer, "the answer")).n, round, "answer");
      if (!isShared) equal((await asker.telemetry()).requeued, 0, "jobs of the asker that were delivered again");
    }
    await until("all answers", async () => (await asker.telemetry()).processed === 2);
  }),
];
