import { equal, ok, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { sink } from "../../kernels/workers.js";
import { tasks } from "../../support/handle.js";

const MANY = 10;

/** A round-robin link skips a target that takes nothing. */
export const lostTargets: readonly Case[] = [
  {
    law: 4,
    name: "links: round-robin goes on past a target that was terminated",
    async run(trial) {
      const runtime = trial.runtime();
      const from = await runtime.start(passer);
      const gone = await runtime.start(sink.as("gone"));
      const there = await runtime.start(sink.as("there"));
      await runtime.connect(from, gone);
      await runtime.connect(from, there, { mode: "round-robin" });
      await gone.terminate();
      for (const task of tasks(MANY)) await from.send(task);
      await until("all are settled", async () => (await there.telemetry()).processed === MANY);
      equal(runtime.deadLetters.size, 0, "dead letters");
    },
  },
  {
    law: 4,
    name: "links: round-robin whose targets were all terminated: what is sent becomes dead letters",
    async run(trial) {
      const runtime = trial.runtime();
      const from = await runtime.start(passer);
      for (const id of ["a", "b"]) {
        const target = await runtime.start(sink.as(id));
        await runtime.connect(from, target, { mode: "round-robin" });
        await target.terminate();
      }
      for (const task of tasks(MANY)) await from.send(task);
      await until("all are settled", () => runtime.deadLetters.peek({ reason: "TERMINATED" }).length === MANY);
    },
  },
  {
    law: 4,
    name: "links: round-robin goes on past a target that rejects",
    async run(trial) {
      const runtime = trial.runtime();
      const from = await runtime.start(passer);
      const full = await runtime.launch(sink.as("full"), { queueSize: 1, backpressure: "reject" });
      const there = await runtime.start(sink.as("there"));
      await full.send(Task({ n: -1 }));
      await runtime.connect(from, full);
      await runtime.connect(from, there, { mode: "round-robin" });
      for (const task of tasks(MANY)) await from.send(task);
      const lost = () => runtime.deadLetters.peek().length;
      await until("all are settled", async () => (await there.telemetry()).processed + lost() === MANY);
      ok(lost() <= MANY / 2, `${lost()} of ${MANY} were lost to a target that is full`);
      equal((await full.telemetry()).ledger.input.accepted, 1, "accepted by the full one");
    },
  },
];
