import { equal, ok, rejects, soon, staysPending, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { Job } from "../../kernels/jobs.js";
import { type Ending, endings } from "../../support/endings.js";
import { codes, OperatorRig } from "../../support/operator-rig.js";
import { collect, counts, jobs, reaches, sendAll } from "../../support/traffic.js";
import type { Trial } from "../../trial.js";

/** Number of concurrent waits in each case. */
const WAITS = 5;

/** Checks that all waits that `begin` starts end as `ending` says. */
async function allEnd(
  rig: OperatorRig,
  ending: Ending,
  begin: (wait: object | undefined) => Promise<unknown>,
): Promise<void> {
  const { wait, act } = ending.begin(rig);
  const waits = Array.from({ length: WAITS }, () => begin(wait));
  const ended = Promise.all(waits.map((one) => rejects(one, ending.code, `the wait that ends by ${ending.name}`)));
  if (act !== undefined) {
    await Promise.all(waits.map((one) => staysPending(one, `the wait before ${ending.name}`)));
    await act();
  }
  for (const error of await ended) equal(error.kernelId, rig.kernel.id, "kernel of the error");
}

/** A send to a full queue. */
function send(queueSize: number, ending: Ending): Case {
  return {
    law: 2,
    name: `send: to a full queue of ${queueSize}, ends by ${ending.name}, and is not accepted`,
    async run(trial) {
      const rig = await OperatorRig.start(trial, { queueSize });
      await sendAll(rig.kernel, jobs(queueSize));
      await allEnd(rig, ending, (wait) => rig.kernel.send(Job({ n: -1 }), wait));
      await reaches(rig.kernel, { input: { accepted: queueSize }, rejected: 0 });
      if (ending.by === "kernel") return;
      // nothing of the waits is left: the next send is the next in line
      const next = rig.kernel.send(Job({ n: queueSize }));
      const received = [];
      for (let i = 0; i <= queueSize; i++) received.push(...(await rig.do({ call: "receive", ...soon })));
      await next;
      equal(
        received.flatMap(({ ns }) => ns).join(),
        jobs(queueSize + 1)
          .map(({ n }) => n)
          .join(),
        "messages",
      );
    },
  };
}

type Place = "launched" | "active" | "deactivated";

async function inState(trial: Trial, state: Place): Promise<OperatorRig> {
  const rig = await OperatorRig.launch(trial, { queueSize: 2 });
  if (state !== "launched") await rig.kernel.activate();
  if (state === "deactivated") await rig.kernel.deactivate();
  return rig;
}

/** A receive from an empty output. */
function receive(state: Place, ending: Ending): Case {
  return {
    law: 2,
    name: `receive: from an empty output, kernel ${state}, ends by ${ending.name}, and takes nothing with it`,
    async run(trial) {
      const rig = await inState(trial, state);
      await allEnd(rig, ending, (wait) => rig.kernel.receive(wait));
      if (ending.by === "kernel") return;
      await rig.expect({ call: "send", n: 7 }, null);
      equal((await rig.kernel.receive(soon)).n, 7, "the next output");
    },
  };
}

const phases = ["parked", "queued", "in hand"] as const;

/** A request that nobody answers, wherever its message is. */
function request(phase: (typeof phases)[number], ending: Ending): Case {
  return {
    law: 2,
    name: `request: its message ${phase}, ends by ${ending.name}`,
    async run(trial) {
      const queueSize = phase === "parked" ? 1 : 4096;
      const rig = await OperatorRig.start(trial, { queueSize, ack: "manual" });
      if (phase === "parked") await rig.kernel.send(Job({ n: 0 }));
      const isTaken = phase === "in hand" && !ending.atOnce;
      const taken = isTaken ? await rig.begin({ call: "receive", ...soon }) : undefined; // waits already: the time-out is short
      const { wait, act } = ending.begin(rig);
      const asked = rig.kernel.request(Job({ n: 1 }), wait);
      const ended = rejects(asked, ending.code, `the request that ends by ${ending.name}`);
      if (taken !== undefined) codes(await taken(), null, "receive");
      if (act !== undefined) {
        await staysPending(asked, `the request before ${ending.name}`);
        await act();
      }
      equal((await ended).kernelId, rig.kernel.id, "kernel of the error");
    },
  };
}

/** Calls with a time-out of 0, which try once. */
const once: readonly Case[] = [
  {
    law: 2,
    name: "time-out of 0: send and receive succeed where nothing has to wait",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { queueSize: 1 });
      await rig.kernel.send(Job({ n: 0 }), { timeout: 0 });
      await rejects(rig.kernel.send(Job({ n: 1 }), { timeout: 0 }), "TIMEOUT", "a send to a full queue");
      await rig.expect({ call: "receive", timeout: 0 }, null);
      await rig.expect({ call: "receive", timeout: 0 }, "TIMEOUT");
      await rig.expect({ call: "send", timeout: 0 }, null);
      equal((await rig.kernel.receive({ timeout: 0 })).n, 0, "the output");
      await rejects(rig.kernel.receive({ timeout: 0 }), "TIMEOUT", "a receive from an empty output");
      await counts(rig.kernel, { input: { accepted: 1 }, output: { accepted: 1, done: 1 } });
    },
  },
  {
    law: 2,
    name: "time-out of 0: a message that is there is taken in each state",
    async run(trial) {
      const rig = await OperatorRig.launch(trial);
      for (const state of ["launched", "active", "deactivated"] as const) {
        if (state === "active") await rig.kernel.activate();
        if (state === "deactivated") await rig.kernel.deactivate();
        await rig.expect({ call: "send", n: 1 }, null);
        await until("the output", async () => (await rig.kernel.telemetry()).ledger.output.queued === 1);
        equal((await rig.kernel.receive({ timeout: 0 })).n, 1, `the output while ${state}`);
      }
    },
  },
];

const leftovers: readonly Case[] = [
  {
    law: 2,
    name: "leftovers: two thousand waits that gave up take neither room nor messages",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { queueSize: 1 });
      await rig.kernel.send(Job({ n: 0 }));
      const gaveUp = (promise: Promise<unknown>) => rejects(promise, "TIMEOUT", "a wait");
      await Promise.all(
        Array.from({ length: 1000 }, () => [
          gaveUp(rig.kernel.send(Job({ n: -1 }), { timeout: 5 })),
          gaveUp(rig.kernel.receive({ timeout: 5 })),
        ]).flat(),
      );
      await counts(rig.kernel, { input: { accepted: 1, queued: 1 }, output: { accepted: 0 }, rejected: 0 });
      await rig.expect({ call: "send", n: 5 }, null);
      equal((await collect(rig.kernel, 1))[0]?.n, 5, "the output");
      await rig.expect({ call: "receive", ...soon }, null);
      await rig.expect({ call: "receive", timeout: 0 }, "TIMEOUT");
    },
  },
  {
    law: 2,
    name: "leftovers: of several waits one gives up and the others go on in their order",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { queueSize: 2 });
      const first = rig.kernel.receive(soon);
      const second = rejects(rig.kernel.receive({ timeout: 10 }), "TIMEOUT", "the second receive");
      const third = rig.kernel.receive(soon);
      await second;
      await rig.expect({ call: "send", n: 1 }, null);
      await rig.expect({ call: "send", n: 2 }, null);
      equal(`${(await first).n} ${(await third).n}`, "1 2", "outputs of the first and of the third");
    },
  },
  {
    law: 2,
    name: "leftovers: an abort after the wait was over changes nothing",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { queueSize: 2 });
      const controller = new AbortController();
      const { signal } = controller;
      await rig.kernel.send(Job({ n: 1 }), { signal });
      await rig.expect({ call: "send", n: 2 }, null);
      const output = await rig.kernel.receive({ signal });
      controller.abort();
      equal(output.n, 2, "the output");
      await counts(rig.kernel, { input: { accepted: 1, queued: 1 } });
      await rig.expect({ call: "receive", ...soon }, null);
    },
  },
  {
    law: 2,
    name: "leftovers: the reason of an abort is the cause of the error",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      const controller = new AbortController();
      const reason = new RangeError("enough");
      const waits = [
        rig.kernel.receive({ signal: controller.signal }),
        rig.kernel.request(Job({ n: 1 }), { signal: controller.signal }),
      ].map((wait) => rejects(wait, "ABORTED"));
      controller.abort(reason);
      for (const error of await Promise.all(waits)) ok(error.cause === reason, "the cause is the reason");
    },
  },
];

export const hostWaits: readonly Case[] = [
  ...once,
  ...endings.flatMap((ending) => [1, 2].map((queueSize) => send(queueSize, ending))),
  ...(["launched", "active", "deactivated"] as const).flatMap((state) =>
    endings.map((ending) => receive(state, ending)),
  ),
  ...phases.flatMap((phase) =>
    endings.filter(({ name }) => name !== "a time-out of 0").map((end) => request(phase, end)),
  ),
  ...leftovers,
];
