import { equal, ok, PATIENCE, rejects, staysPending, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { handler } from "../../kernels/workers.js";
import { countingSignal } from "../../support/counting-signal.js";
import { launchIn, range, resting, takes, tasks, telemetryWhen, wake } from "../../support/handle.js";

const sizes = [1, 2, 4096];

export const givingUp: readonly Case[] = [
  ...sizes.flatMap((queueSize) => [
    afterTimeout(queueSize),
    afterAbort(queueSize),
    {
      law: 4,
      name: `giving up: time-out 0 tries once, queue of ${queueSize}`,
      async run(trial) {
        const handle = await trial.runtime().launch(handler, { queueSize });
        for (const task of tasks(queueSize)) await handle.send(task, { timeout: 0 });
        const error = await rejects(handle.send(Task({ n: queueSize }), { timeout: 0 }), "TIMEOUT");
        equal(error.details.timeout, 0, "timeout of the error");
        equal((await handle.telemetry()).ledger.input.accepted, queueSize, "accepted");
        await handle.activate();
        await takes(handle, range(queueSize));
      },
    } satisfies Case,
  ]),
  ...resting.map(
    (state): Case => ({
      law: 4,
      name: `giving up: the others who wait at a ${state} kernel keep their order`,
      async run(trial) {
        const handle = await launchIn(trial.runtime(), handler, state, { queueSize: 1 });
        await handle.send(Task({ n: 0 }));
        const controllers = range(6).map(() => new AbortController());
        const sends = controllers.map(({ signal }, i) => handle.send(Task({ n: i + 1 }), { signal }));
        for (const gone of [0, 2, 5]) controllers[gone]?.abort();
        for (const gone of [0, 2, 5]) await rejects(sends[gone] as Promise<void>, "ABORTED");
        await wake(handle);
        await takes(handle, [0, 2, 4, 5]);
        await within(PATIENCE, Promise.all([sends[1], sends[3], sends[4]]), "the sends that went on");
      },
    }),
  ),
  {
    law: 4,
    name: "giving up: a signal that is aborted already sends nothing, room or not",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 1 });
      const reason = new Error("no longer wanted");
      const signal = AbortSignal.abort(reason);
      equal((await rejects(handle.send(Task({ n: 0 }), { signal }), "ABORTED")).cause, reason, "cause");
      await handle.send(Task({ n: 1 }));
      await rejects(handle.send(Task({ n: 2 }), { signal }), "ABORTED");
      equal((await handle.telemetry()).ledger.input.accepted, 1, "accepted");
    },
  },
  {
    law: 4,
    name: "giving up: an abort after acceptance changes nothing",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 1 });
      const controller = new AbortController();
      await handle.send(Task({ n: 0 }), { signal: controller.signal });
      const parked = handle.send(Task({ n: 1 }), { signal: controller.signal });
      await handle.activate();
      await within(PATIENCE, parked, "the parked send");
      controller.abort();
      await takes(handle, [0, 1]);
    },
  },
  {
    law: 4,
    name: "giving up: no listener is left on the signal",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 1 });
      const { signal, listeners } = countingSignal();
      await handle.send(Task({ n: 0 }), { signal });
      equal(listeners(), 0, "listeners after acceptance");
      await rejects(handle.send(Task({ n: 1 }), { signal, timeout: 10 }), "TIMEOUT");
      equal(listeners(), 0, "listeners after a time-out");
      const parked = handle.send(Task({ n: 2 }), { signal });
      await handle.activate();
      await within(PATIENCE, parked, "the parked send");
      equal(listeners(), 0, "listeners after the wait");
      await takes(handle, [0, 2]);
    },
  },
];

function afterTimeout(queueSize: number): Case {
  return {
    law: 4,
    name: `giving up: a send that times out leaves nothing, queue of ${queueSize}`,
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize });
      for (const task of tasks(queueSize)) await handle.send(task);
      const error = await rejects(handle.send(Task({ n: -1 }), { timeout: 20 }), "TIMEOUT");
      equal(error.details.timeout, 20, "timeout of the error");
      equal(error.kernelId, handle.id, "kernelId");
      const { ledger, rejected } = await handle.telemetry();
      equal(ledger.input.accepted, queueSize, "accepted");
      equal(rejected, 0, "rejected");
      await handle.activate();
      await takes(handle, range(queueSize));
      await handle.send(Task({ n: queueSize }));
      await takes(handle, [queueSize], "the next message");
      await telemetryWhen(handle, "all done", ({ processed }) => processed === queueSize + 1);
    },
  };
}

function afterAbort(queueSize: number): Case {
  return {
    law: 4,
    name: `giving up: a send that is aborted leaves nothing, queue of ${queueSize}`,
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize });
      for (const task of tasks(queueSize)) await handle.send(task);
      const controller = new AbortController();
      const parked = handle.send(Task({ n: -1 }), { signal: controller.signal, timeout: 60_000 });
      await staysPending(parked, "the parked send");
      const reason = { why: "changed its mind" };
      controller.abort(reason);
      const error = await rejects(parked, "ABORTED");
      equal(error.cause, reason, "cause");
      equal((await handle.telemetry()).ledger.input.accepted, queueSize, "accepted");
      await handle.activate();
      await takes(handle, range(queueSize));
      const after = await telemetryWhen(handle, "all done", ({ processed }) => processed === queueSize);
      ok(after.received === queueSize, "nothing more was delivered");
    },
  };
}
