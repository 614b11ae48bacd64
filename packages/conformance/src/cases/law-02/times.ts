import { equal, ok, PATIENCE, patience, rejects, soon, staysPending, throws, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { codes, OperatorRig } from "../../support/operator-rig.js";
import { counts, reaches } from "../../support/traffic.js";

/** Milliseconds beyond the range of a timer of the platform. */
const LONG = 2 ** 31 + 5;

export const times: readonly Case[] = [
  ...[-1, -0.001, Number.NaN, Number.NEGATIVE_INFINITY].map(
    (timeout): Case => ({
      law: 2,
      name: `times: ${timeout} is refused by every call of the host, which then has no effect`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.launch(worker);
        const job = Job({ n: 1 });
        for (const [call, attempt] of Object.entries({
          send: () => handle.send(job, { timeout }),
          receive: () => handle.receive({ timeout }),
          request: () => handle.request(job, { timeout }),
          terminate: () => handle.terminate({ timeout }),
          "runtime.send": () => runtime.send(handle, job, { timeout }),
          "runtime.receive": () => runtime.receive(handle, { timeout }),
          "runtime.request": () => runtime.request(handle, job, { timeout }),
          "runtime.terminate": () => runtime.terminate(handle, { timeout }),
          dispose: () => runtime.dispose({ timeout }),
        })) {
          await throws(attempt, "INVALID_ARGUMENT", call);
        }
        equal(handle.state, "launched", "state");
        await counts(handle, { input: { accepted: 0 }, rejected: 0 });
        await handle.activate();
        equal((await handle.request(job, soon)).n, 1, "an answer afterwards");
      },
    }),
  ),
  {
    law: 2,
    name: "times: what is no number and no signal is refused",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      for (const wait of [{ timeout: "5" }, { timeout: null }, { signal: {} }, { signal: true }]) {
        await rejects(handle.receive(wait as never), "INVALID_ARGUMENT", `receive with ${JSON.stringify(wait)}`);
        await rejects(handle.send(Job({ n: 1 }), wait as never), "INVALID_ARGUMENT", "send");
        await rejects(handle.request(Job({ n: 1 }), wait as never), "INVALID_ARGUMENT", "request");
      }
      await counts(handle, { input: { accepted: 0 } });
    },
  },
  ...[LONG, Number.POSITIVE_INFINITY, Number.MAX_VALUE].map(
    (timeout): Case => ({
      law: 2,
      name: `times: ${timeout} does not end at once`,
      async run(trial) {
        const rig = await OperatorRig.start(trial, { queueSize: 1 });
        await rig.kernel.send(Job({ n: 1 }));
        const waits = {
          send: rig.kernel.send(Job({ n: 2 }), { timeout }),
          receive: rig.kernel.receive({ timeout }),
          request: rig.kernel.request(Job({ n: 3 }), { timeout }),
        };
        const ended = Object.values(waits).map((wait) => rejects(wait, "TERMINATED"));
        const called = await rig.begin({ call: "sendTo", timeout });
        codes(await called(), "KERNEL_UNKNOWN", "sendTo"); // nobody launched it: no wait begins
        for (const [name, wait] of Object.entries(waits)) await staysPending(wait, name, 5);
        await rig.kernel.terminate();
        await Promise.all(ended);
      },
    }),
  ),
  {
    law: 2,
    name: "times: a long time-out that ends early leaves no timer behind",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const output = handle.receive({ timeout: LONG });
      await handle.send(Job({ n: 1 }), { timeout: LONG });
      equal((await output).n, 1, "the output");
      equal((await handle.request(Job({ n: 2 }), { timeout: LONG })).n, 2, "the answer");
      await handle.terminate({ timeout: LONG, drain: true });
    },
  },
  {
    law: 2,
    name: "times: a time-out is not much shorter than asked for, and not much longer",
    async run(trial) {
      const handle = await trial.runtime().launch(worker, { queueSize: 1 });
      await handle.send(Job({ n: 1 }));
      for (const call of [
        () => handle.receive({ timeout: 100 }),
        () => handle.send(Job({ n: 2 }), { timeout: 100 }),
        () => handle.request(Job({ n: 3 }), { timeout: 100 }),
      ]) {
        const start = performance.now();
        const error = await rejects(call(), "TIMEOUT");
        const lasted = performance.now() - start;
        ok(lasted > 90 && lasted < patience(3000), `lasted ${lasted} ms`);
        equal(error.details.timeout, 100, "time-out of the error");
      }
    },
  },
  {
    law: 2,
    name: "times: a zero time-out and an abort at terminate and dispose end a kernel that goes on",
    async run(trial) {
      for (const how of ["timeout", "signal", "later signal"] as const) {
        const runtime = trial.runtime();
        const handle = await runtime.start(worker);
        await handle.send(Job({ n: 1, delay: 200 }));
        await reaches(handle, { input: { inHand: 1 } });
        const options = {
          timeout: { timeout: 0 },
          signal: { timeout: Number.POSITIVE_INFINITY, signal: AbortSignal.abort() },
          "later signal": { timeout: Number.POSITIVE_INFINITY, signal: AbortSignal.timeout(5), drain: true },
        }[how];
        await within(PATIENCE, handle.terminate(options), `terminate with a ${how}`);
        equal(handle.state, "terminated", "state");
        await counts(handle, { input: { accepted: 1, inHand: 0, deadLettered: 1 } });
      }
    },
  },
];
