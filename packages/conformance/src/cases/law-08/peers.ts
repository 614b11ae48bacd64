import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { asker, fetcher, forwarder } from "../../kernels/peers.js";
import { handler, looper } from "../../kernels/workers.js";
import { range, take, takes, tasks, telemetryWhen } from "../../support/handle.js";

export const peers: readonly Case[] = [
  {
    law: 8,
    name: "peers: a kernel sends to its peer",
    async run(trial) {
      const runtime = trial.runtime();
      const next = await runtime.start(handler.as("next"));
      const first = await runtime.start(forwarder);
      const sent = tasks(20);
      for (const task of sent) await first.send(task);
      const results = await take(next, 20);
      deepEqual(
        results.map(({ n, by }) => [n, by]),
        range(20).map((n) => [n, "next"]),
        "results of the peer",
      );
      await takes(first, range(20));
    },
  },
  ...[asker, fetcher].map(
    (kernel): Case => ({
      law: 8,
      name: `peers: ${kernel.id} gets results from its peer`,
      async run(trial) {
        const runtime = trial.runtime();
        await runtime.start(looper.as("next"));
        const first = await runtime.start(kernel);
        for (const n of range(10)) {
          const { by, n: back } = await first.request(Task({ n }), soon);
          deepEqual([by, back], [`${kernel.id} < next`, n], "answer");
        }
      },
    }),
  ),
  {
    law: 8,
    name: "peers: many askers of one kernel get their own answers",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(handler.as("next"));
      const requesters = await Promise.all(range(4).map((i) => runtime.start(asker.as(`asker_${i}`))));
      const asked = range(200).map((n) => requesters[n % 4]?.request(Task({ n, delay: n % 3 }), soon));
      const answers = await Promise.all(asked);
      deepEqual(
        answers.map((answer) => [answer?.n, answer?.by]),
        range(200).map((n) => [n, `asker_${n % 4} < next`]),
        "answers",
      );
    },
  },
  {
    law: 8,
    name: "peers: a launch points a name elsewhere",
    async run(trial) {
      const runtime = trial.runtime();
      const other = await runtime.start(handler.as("other"));
      await runtime.start(handler.as("next"));
      const byId = await runtime.start(asker, { peers: { next: "other" } });
      equal((await byId.request(Task({ n: 1 }), soon)).by, "asker < other", "by id");
      const byHandle = await runtime.start(asker.as("second"), { peers: { next: other } });
      equal((await byHandle.request(Task({ n: 1 }), soon)).by, "second < other", "by handle");
      const plain = await runtime.start(asker.as("third"));
      equal((await plain.request(Task({ n: 1 }), soon)).by, "third < next", "as it was");
    },
  },
  {
    law: 8,
    name: "peers: a peer that is not there is KERNEL_UNKNOWN to the kernel, and can come later",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(asker);
      await rejects(first.request(Task({ n: 0 }), soon), "KERNEL_UNKNOWN");
      equal(trial.errors[0]?.code, "KERNEL_UNKNOWN", "error told");
      await runtime.start(handler.as("next"));
      equal((await first.request(Task({ n: 1 }), soon)).n, 1, "answer");
    },
  },
  {
    law: 8,
    name: "peers: a launch refuses a name that the kernel does not have",
    async run(trial) {
      const runtime = trial.runtime();
      await rejects(runtime.launch(asker, { peers: { nobody: "next" } as never }), "INVALID_ARGUMENT");
      equal(runtime.kernels.length, 0, "kernels");
    },
  },
  {
    law: 8,
    name: "peers: what the peer throws reaches whoever asked first",
    async run(trial) {
      const runtime = trial.runtime();
      const next = await runtime.start(handler.as("next"));
      const first = await runtime.start(asker);
      const error = await rejects(first.request(Task({ n: 0, fail: "on purpose" }), soon), "KERNEL_FAILED");
      equal(error.kernelId, "next", "kernelId: where it happened");
      await telemetryWhen(next, "a dead letter", ({ deadLettered }) => deadLettered === 1);
      await telemetryWhen(first, "a dead letter", ({ deadLettered }) => deadLettered === 1);
    },
  },
];
