import { equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { brittle, doneSink, lastWords, loopWorker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import type { Order } from "../../kernels/operator.js";
import { codes, OperatorRig } from "../../support/operator-rig.js";
import { jobs, reaches, sendAll } from "../../support/traffic.js";
import type { Trial } from "../../trial.js";

type Call = Pick<Order, "call" | "max">;

/** A call of the context that has to wait, and the steps that lead the operator to it. */
interface Waiting {
  readonly name: string;
  readonly order: Call;
  prepare(trial: Trial): Promise<OperatorRig>;
}

/** Launches the operator with an inactive target that takes two messages. */
async function withTarget(trial: Trial, fill: number): Promise<OperatorRig> {
  const runtime = trial.runtime();
  const target = await runtime.launch(loopWorker, { queueSize: 2 });
  await sendAll(target, jobs(fill));
  return OperatorRig.start(trial, { target }, runtime);
}

const waitings: readonly Waiting[] = [
  { name: "receive from an empty input", order: { call: "receive" }, prepare: (trial) => OperatorRig.start(trial) },
  {
    name: "receive while not active",
    order: { call: "receive" },
    async prepare(trial) {
      const rig = await OperatorRig.launch(trial);
      await rig.kernel.send(Job({ n: 1 }));
      return rig;
    },
  },
  {
    name: "receiveBatch from an empty input",
    order: { call: "receiveBatch", max: 3 },
    prepare: (trial) => OperatorRig.start(trial),
  },
  { name: "waitActive", order: { call: "waitActive" }, prepare: (trial) => OperatorRig.launch(trial) },
  {
    name: "waitActive after deactivate",
    order: { call: "waitActive" },
    async prepare(trial) {
      const rig = await OperatorRig.start(trial);
      await rig.kernel.deactivate();
      return rig;
    },
  },
  {
    name: "send to a full output",
    order: { call: "send" },
    async prepare(trial) {
      const rig = await OperatorRig.start(trial, { queueSize: 2 });
      for (let i = 0; i < 10_000; i++) {
        if ((await rig.do({ call: "send", timeout: 0 }))[0]?.code === "TIMEOUT") break;
      }
      return rig;
    },
  },
  {
    name: "send to a linked kernel that is full",
    order: { call: "send" },
    async prepare(trial) {
      const rig = await OperatorRig.start(trial);
      const sink = await rig.runtime.launch(doneSink, { queueSize: 1 });
      await rig.runtime.connect(rig.kernel, sink);
      await rig.expect({ call: "send" }, null);
      return rig;
    },
  },
  { name: "sendTo a peer that is full", order: { call: "sendTo" }, prepare: (trial) => withTarget(trial, 2) },
  {
    name: "receiveFrom a peer without output",
    order: { call: "receiveFrom" },
    prepare: (trial) => withTarget(trial, 0),
  },
  {
    name: "request to a peer that is not active",
    order: { call: "request" },
    prepare: (trial) => withTarget(trial, 0),
  },
  { name: "request to a peer that is full", order: { call: "request" }, prepare: (trial) => withTarget(trial, 2) },
];

function waits({ name, order, prepare }: Waiting): readonly Case[] {
  const one = (how: string, run: Case["run"]): Case => ({ law: 2, name: `context: ${name}, ${how}`, run });
  const triesOnce = order.call === "request" ? [] : [{ timeout: 0, code: "TIMEOUT" }];
  return [
    ...[{ timeout: 15, code: "TIMEOUT" }, ...triesOnce].map(({ timeout, code }) =>
      one(`ends by a time-out of ${timeout}`, async (trial) => {
        const rig = await prepare(trial);
        await rig.expect({ ...order, timeout, times: 2 }, code);
      }),
    ),
    one("ends by a signal that is aborted already", async (trial) => {
      const rig = await prepare(trial);
      await rig.expect({ ...order, abortAfter: 0, times: 2 }, "ABORTED");
    }),
    one("ends by an abort", async (trial) => {
      const rig = await prepare(trial);
      await rig.expect({ ...order, abortAfter: 15, times: 2 }, "ABORTED");
    }),
    one("ends when its kernel is terminated, long before the time-out of that", async (trial) => {
      const rig = await prepare(trial);
      const ended = await rig.begin({ ...order, times: 2 });
      const terminated = rig.kernel.terminate({ timeout: Number.POSITIVE_INFINITY });
      codes(await ended(), order.call === "waitActive" ? null : "TERMINATED", order.call);
      await terminated;
    }),
    one("ends when the runtime is disposed", async (trial) => {
      const rig = await prepare(trial);
      await rig.begin({ ...order, times: 2 });
      await rig.runtime.dispose({ timeout: Number.POSITIVE_INFINITY });
      equal(rig.kernel.state, "terminated", "state");
    }),
    one("refuses a negative time-out and NaN", async (trial) => {
      const rig = await prepare(trial);
      for (const timeout of [-1, Number.NaN]) await rig.expect({ ...order, timeout }, "INVALID_ARGUMENT");
    }),
  ];
}

/** Waits for another kernel end with that kernel. */
const byThePeer: readonly Case[] = (["sendTo", "receiveFrom", "request"] as const).flatMap((call) => {
  const fill = call === "sendTo" ? 2 : 0;
  return [
    {
      law: 2,
      name: `context: ${call} ends when the peer is terminated`,
      async run(trial: Trial) {
        const rig = await withTarget(trial, fill);
        const ended = await rig.begin({ call, times: 2 });
        await rig.runtime.terminate(loopWorker);
        codes(await ended(), "TERMINATED", call);
        await rig.expect({ call }, "TERMINATED");
      },
    },
    {
      law: 2,
      name: `context: ${call} ends when the peer crashes`,
      async run(trial: Trial) {
        const runtime = trial.runtime();
        const target = await runtime.launch(brittle, { queueSize: 2 });
        await target.send(Job({ n: 0, fail: "at once" }));
        if (call === "sendTo") await target.send(Job({ n: 1 }));
        const rig = await OperatorRig.start(trial, { target }, runtime);
        const ended = await rig.begin({ call });
        await target.activate();
        if (call === "sendTo") await reaches(target, { deadLettered: 3 }).catch(() => {});
        const [outcome] = await ended();
        // a send may have been let in just before the crash: then it is a dead letter
        if (call !== "sendTo" || outcome?.code !== null) equal(outcome?.code, "KERNEL_FAILED", "code");
        await rig.expect({ call }, "KERNEL_FAILED");
      },
    },
    {
      law: 2,
      name: `context: ${call} of a peer that nobody launched is refused`,
      async run(trial: Trial) {
        const rig = await OperatorRig.start(trial);
        await rig.expect({ call }, "KERNEL_UNKNOWN");
      },
    },
  ];
});

const others: readonly Case[] = [
  {
    law: 2,
    name: "context: receiveBatch with a max or linger out of range is refused",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      for (const max of [0, -1, 1.5, Number.NaN]) await rig.expect({ call: "receiveBatch", max }, "INVALID_ARGUMENT");
      for (const linger of [-1, Number.NaN]) {
        await rig.expect({ call: "receiveBatch", max: 2, linger }, "INVALID_ARGUMENT");
      }
    },
  },
  {
    law: 2,
    name: "context: a batch that lingers ends with what it has when its kernel is terminated",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, jobs(2));
      const ended = await rig.begin({ call: "receiveBatch", max: 5, linger: 60_000 });
      await reaches(rig.kernel, { input: { inHand: 2 } });
      const terminated = rig.kernel.terminate({ timeout: Number.POSITIVE_INFINITY });
      equal((await ended())[0]?.ns.join(), "0,1", "the batch");
      await terminated;
    },
  },
  {
    law: 2,
    name: "context: a batch that lingers ends with what it has when its signal aborts",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, jobs(2));
      const [outcome] = await rig.do({ call: "receiveBatch", max: 5, linger: 60_000, abortAfter: 30 });
      equal(outcome?.ns.join(), "0,1", "the batch");
    },
  },
  {
    law: 2,
    name: "context: a receive that waits while its kernel is deactivated keeps waiting, its time-out running",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      const ended = await rig.begin({ call: "receive", timeout: 30 });
      await rig.kernel.deactivate();
      await rig.kernel.send(Job({ n: 1 }));
      codes(await ended(), "TIMEOUT", "receive");
      const again = await rig.begin({ call: "receive", ...soon });
      await rig.kernel.reactivate();
      equal((await again())[0]?.ns.join(), "1", "the message once it is active");
    },
  },
  {
    law: 2,
    name: "context: waitActive resolves on activate, on reactivate, and at once while active",
    async run(trial) {
      const rig = await OperatorRig.launch(trial);
      const launched = await rig.begin({ call: "waitActive", times: 3 });
      await rig.kernel.activate();
      codes(await launched(), null, "waitActive");
      await rig.expect({ call: "waitActive", timeout: 0 }, null);
      await rig.kernel.deactivate();
      const deactivated = await rig.begin({ call: "waitActive", times: 3 });
      await rig.kernel.reactivate();
      codes(await deactivated(), null, "waitActive");
    },
  },
  {
    law: 2,
    name: "context: when it is asked to end, shouldTerminate and the signal say so, and sending still works",
    async run(trial) {
      const handle = await trial.runtime().start(lastWords);
      await handle.send(Job({ n: 1 }));
      equal((await handle.receive(soon)).from, "active", "words at the start");
      await handle.terminate({ timeout: Number.POSITIVE_INFINITY });
      equal((await handle.receive(soon)).from, "TERMINATED ending aborted", "last words");
    },
  },
];

export const contextWaits: readonly Case[] = [...waitings.flatMap(waits), ...byThePeer, ...others];
