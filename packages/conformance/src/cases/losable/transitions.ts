import { isRinglineError } from "@ringline/core";
import { equal, fail, ok, PATIENCE, show, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { loopWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import {
  launchLosable,
  lose,
  loseAndWait,
  losing,
  placesOf,
  runElsewhere,
  startLosable,
} from "../../support/losing.js";
import { patient, quick, retrying, type SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const inHand = { input: { inHand: 1 } } as const;

/** A call settles, with a value or with an error of Ringline. */
async function settles(call: Promise<unknown>, what: string): Promise<string> {
  const outcome = call.then(
    () => "done",
    (error) => (isRinglineError(error) ? error.code : fail(`${what} failed with ${show(error)}`, error)),
  );
  return within(2 * PATIENCE, outcome, what);
}

/** Waits until the kernel of a rig runs, and returns its place. */
async function placeOf({ kernel, runtime }: SupervisedRig): Promise<string> {
  return until(`a place of ${kernel.id}`, async () => (await placesOf(runtime)).get(kernel.id) ?? "");
}

/** A place is lost while a kernel is about to begin or to end. */
export const transitions: readonly Case[] = [
  losing(9, "two losses within 60 ms: both kernels live again and answer", async (trial) => {
    const runtime = trial.runtimeWithBeside();
    const ids = ["a", "b", "c"];
    const rig = await startLosable(trial, worker, { id: "a" }, runtime);
    for (const id of ids.slice(1)) await runtime.start(worker, { id, supervise: retrying });
    const lost = await lose(trial, runtime, "a");
    const places = await placesOf(runtime);
    const other = ["b", "c"].find((id) => places.has(id) && !lost.has(places.get(id) as string));
    if (other !== undefined) await lose(trial, runtime, other);
    for (const id of ids) {
      const answer = runtime.request(worker.as(id), Job({ n: 5 }), { timeout: 20_000 });
      equal((await within(2 * PATIENCE, answer, `the answer of ${id}`)).n, 5, `answer of ${id}`);
      equal(runtime.state(id), "active", `state of ${id}`);
    }
    await quiet(rig.kernel, { processed: 1 });
  }),
  losing(9, "a place that is lost as soon as it has come up is one more loss", async (trial) => {
    const rig = await startLosable(trial, worker);
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, inHand);
    for (let i = 0; i < 3; i++) await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.pass();
    equal((await collect(rig.kernel, 1))[0]?.n, 0, "output");
    await quiet(rig.kernel, { processed: 1, restarts: 3, input: { accepted: 1, done: 1 } });
  }),
  losing(2, "a launch that is under way settles, and its id can be launched again", async (trial) => {
    const runtime = trial.runtimeWithBeside();
    const first = await startLosable(trial, worker, { id: "first" }, runtime);
    for (let i = 0; i < 3; i++) {
      const id = `launched ${i}`;
      const launched = settles(runtime.start(worker, { id, supervise: retrying }), "the start");
      for (let turn = 0; turn < i; turn++) await new Promise<void>((resolve) => setTimeout(resolve));
      await lose(trial, runtime, "first");
      if ((await launched) !== "done") await runtime.start(worker, { id, supervise: retrying });
      const answer = await runtime.request(worker.as(id), Job({ n: i }), { timeout: 2 * PATIENCE });
      equal(answer.n, i, "answer of the launched one");
      await reaches(first.kernel, { restarts: i + 1 });
      await until("the first kernel again", async () => (await placesOf(runtime)).has("first"));
    }
  }),
  losing(2, "activate, deactivate and flush that are under way settle", async (trial) => {
    const rig = await launchLosable(trial, loopWorker);
    const lost = trial.lose(await placeOf(rig));
    await settles(rig.kernel.activate(), "activate");
    await lost;
    await rig.kernel.send(Job({ n: 1 }));
    equal((await collect(rig.kernel, 1))[0]?.n, 1, "output");
    const again = trial.lose(await placeOf(rig));
    await settles(rig.kernel.deactivate(), "deactivate");
    await again;
    equal(rig.kernel.state, "deactivated", "state");
    await rig.kernel.send(Job({ n: 2 }));
    await rig.kernel.reactivate();
    equal((await collect(rig.kernel, 1))[0]?.n, 2, "output");
  }),
  losing(5, "a drain that is under way goes on in the next life, until all is done", async (trial) => {
    const rig = await startLosable(trial, worker);
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, inHand);
    await sendAll(rig.kernel, jobs(4).slice(1));
    const drained = settles(rig.kernel.terminate({ drain: true, timeout: 60_000 }), "terminate with drain");
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.pass();
    equal((await collect(rig.kernel, 4)).length, 4, "outputs");
    equal(await drained, "done", "terminate with drain");
    equal(rig.kernel.state, "terminated", "state");
    await quiet(rig.kernel, { processed: 4, deadLettered: 0, input: { accepted: 4, done: 4 } });
  }),
  losing(2, "terminate of a kernel that works settles, and tells what was in hand and queued", async (trial) => {
    const rig = await startLosable(trial, worker);
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, inHand);
    await rig.kernel.send(Job({ n: 1 }));
    const lost = trial.lose(await placeOf(rig));
    const ended = settles(rig.kernel.terminate({ timeout: 60_000 }), "terminate");
    await lost;
    equal(await ended, "done", "terminate");
    equal(rig.kernel.state, "terminated", "state");
    await letters(rig.runtime, 2);
    await quiet(rig.kernel, { deadLettered: 2, input: { accepted: 2 } });
  }),
  losing(2, "terminate while the next life waits settles at once", async (trial) => {
    const rig = await startLosable(trial, worker, { supervise: patient });
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, inHand);
    await lose(trial, rig.runtime, rig.kernel.id);
    await rig.restarted(1);
    equal(await settles(rig.kernel.terminate({ timeout: 60_000 }), "terminate"), "done", "terminate");
    await letters(rig.runtime, 1);
  }),
  losing(10, "dispose ends in time and gives the final ledgers, whatever was lost a moment ago", async (trial) => {
    const rig = await startLosable(trial, worker);
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, inHand);
    await sendAll(rig.kernel, jobs(3).slice(1));
    const lost = trial.lose(await placeOf(rig));
    const ledgers = await within(PATIENCE, rig.runtime.dispose({ timeout: 200 }), "dispose");
    await lost;
    const input = ledgers.get(`${rig.kernel.id}.input`);
    equal(input?.accepted, 3, "accepted");
    equal(input?.deadLettered, 3, "dead-lettered");
  }),
  losing(5, "an id can be launched again on another place", async (trial) => {
    const rig = await startLosable(trial, worker, { supervise: { restart: "never" } });
    const lost = await lose(trial, rig.runtime, rig.kernel.id);
    await until("the end of the kernel", () => rig.kernel.state === "failed");
    const again = await rig.runtime.start(worker, { supervise: quick });
    await runElsewhere(rig.runtime, lost, [again.id]);
    equal((await again.request(Job({ n: 3 }), soon)).n, 3, "answer");
  }),
  losing(8, "inspect says where a kernel runs, and that it runs nowhere once it has ended", async (trial) => {
    const rig = await startLosable(trial, worker);
    const before = (await placesOf(rig.runtime)).get(rig.kernel.id);
    ok(before !== undefined, "a place");
    ok(!(await placesOf(rig.runtime)).has("gate"), "a kernel in the thread of the runtime has none");
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.kernel.terminate();
    ok(!(await placesOf(rig.runtime)).has(rig.kernel.id), "no place after the end");
  }),
];
