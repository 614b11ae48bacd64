import { fail, PATIENCE, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { loopWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { OperatorRig } from "../../support/operator-rig.js";
import type { Trial } from "../../trial.js";

/** Number of tries, of which one has to be fast enough: a busy machine may delay any of them. */
const TRIES = 3;

/** Checks that work ends before a timer that starts with it. `begin`: prepares and returns the work. */
async function endsBefore(time: number, what: string, begin: () => Promise<() => Promise<unknown>>): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const work = await begin();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), time);
    });
    const done = work();
    const first = await Promise.race([done.then(() => "done" as const), late]);
    clearTimeout(timer);
    await within(PATIENCE, done, what);
    if (first === "done") return;
  }
  fail(`${what}: longer than a timer of ${time} ms beside it, ${TRIES} times`);
}

function prompt(what: string, time: number, begin: (trial: Trial) => Promise<() => Promise<unknown>>): Case {
  return { law: 2, name: `promptness: ${what}`, run: (trial) => endsBefore(time, what, () => begin(trial)) };
}

/** Nothing takes much longer than necessary: each operation is compared with a timer. */
export const promptness: readonly Case[] = [
  prompt("a receive of a body ends by its time-out of 60", 400, async (trial) => {
    const rig = await OperatorRig.start(trial);
    return () => rig.expect({ call: "receive", timeout: 60 }, "TIMEOUT");
  }),
  prompt("a send of a body ends by its time-out of 60", 400, async (trial) => {
    const rig = await OperatorRig.start(trial, { queueSize: 1 });
    await rig.expect({ call: "send" }, null);
    return () => rig.expect({ call: "send", timeout: 60 }, "TIMEOUT");
  }),
  prompt("a kernel that was never active ends when it is drained", 900, async (trial) => {
    const handle = await trial.runtime().launch(worker);
    return () => handle.terminate({ drain: true, timeout: 60_000 });
  }),
  prompt("an idle kernel ends when it is terminated", 900, async (trial) => {
    const handle = await trial.runtime().start(loopWorker);
    return () => handle.terminate({ timeout: 60_000 });
  }),
  prompt("a drain of what is quickly done is quick", 900, async (trial) => {
    const handle = await trial.runtime().start(worker);
    for (let n = 0; n < 5; n++) await handle.send(Job({ n, outputs: 0 }));
    return () => handle.terminate({ drain: true, timeout: 60_000 });
  }),
  prompt("the runtime ends after a crash", 1500, async (trial) => {
    const runtime = trial.runtime();
    const handle = await runtime.start(loopWorker);
    await handle.request(Job({ n: 0, fail: "at once" })).catch(() => {});
    return () => runtime.dispose({ timeout: 60_000 });
  }),
];
