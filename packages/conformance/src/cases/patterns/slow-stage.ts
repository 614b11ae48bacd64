import { deepEqual, equal, PATIENCE, rejects, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { gated, permits } from "../../kernels/gated.js";
import { Task } from "../../kernels/messages.js";
import { range, takes, tasks, telemetryWhen } from "../../support/handle.js";
import { Sends } from "../../support/senders.js";
import type { Trial } from "../../trial.js";

const QUEUE = 100;

/** A stage that is busy with one task, its queue full behind it. */
async function busy(trial: Trial, backpressure: "block" | "reject" | "drop-oldest") {
  const runtime = trial.runtime();
  await runtime.start(permits);
  const stage = await runtime.start(gated, { queueSize: QUEUE, backpressure });
  await stage.send(Task({ n: 0 }));
  await telemetryWhen(stage, "the first in hand", ({ ledger }) => ledger.input.inHand === 1);
  for (const task of tasks(QUEUE, 1)) await stage.send(task);
  const permit = async (count: number) => {
    for (const task of tasks(count)) await runtime.send(permits, task);
  };
  return { stage, permit };
}

export const slowStage: readonly Case[] = [
  {
    law: 8,
    name: "pattern, slow stage with block: its senders wait, nothing is lost",
    async run(trial) {
      const { stage, permit } = await busy(trial, "block");
      const more = new Sends(tasks(50, QUEUE + 1).map((task) => stage.send(task)));
      await permit(QUEUE + 51);
      await takes(stage, range(QUEUE + 51));
      await within(PATIENCE, more.all(), "the sends");
      const { dropped, rejected } = await stage.telemetry();
      deepEqual([dropped, rejected], [0, 0], "dropped, rejected");
    },
  },
  {
    law: 8,
    name: "pattern, slow stage with reject: its senders know at once",
    async run(trial) {
      const { stage, permit } = await busy(trial, "reject");
      for (const task of tasks(50, QUEUE + 1)) await rejects(stage.send(task), "QUEUE_FULL");
      await permit(QUEUE + 1);
      await takes(stage, range(QUEUE + 1));
      const { dropped, rejected } = await stage.telemetry();
      deepEqual([dropped, rejected], [0, 50], "dropped, rejected");
    },
  },
  {
    law: 8,
    name: "pattern, slow stage with drop-oldest: it works on the latest",
    async run(trial) {
      const { stage, permit } = await busy(trial, "drop-oldest");
      for (const task of tasks(50, QUEUE + 1)) await stage.send(task);
      await permit(QUEUE + 1);
      await takes(stage, [0, ...range(QUEUE + 51, 51)]);
      const { dropped, rejected, ledger } = await stage.telemetry();
      deepEqual([dropped, rejected], [50, 0], "dropped, rejected");
      equal(ledger.input.accepted, QUEUE + 51, "accepted");
    },
  },
];
