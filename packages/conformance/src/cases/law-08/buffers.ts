import { graph, pipeline, type UnifiedBuffer, unifiedBuffer } from "@ringline/core";
import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { addUp, Block, passOn, scribble, Total } from "../../kernels/buffers.js";
import { range, take, telemetryWhen } from "../../support/handle.js";

const ROUNDS = 50;

/** A block of data. Several rounds reveal memory that was released too early, as it is reused. */
const block = (n: number) => Block({ data: unifiedBuffer(Float64Array, [n, -n, 2 * n]) });

async function contents(data: UnifiedBuffer<Float64Array>): Promise<number[]> {
  const values = [...(await data.read())];
  data.release();
  await rejects(data.read(), "INVALID_ARGUMENT", "a read after the release");
  return values;
}

/** A buffer belongs to the holder of its message alone. */
export const buffers: readonly Case[] = [
  {
    law: 8,
    name: "buffers: what an answer passes on is its asker's",
    async run(trial) {
      const handle = await trial.runtime().start(passOn);
      const answers = await Promise.all(range(ROUNDS).map((n) => handle.request(block(n), soon)));
      for (const [n, { data }] of answers.entries()) deepEqual(await contents(data), [n, -n, 2 * n], "answer");
    },
  },
  {
    law: 8,
    name: "buffers: what an output passes on is its receiver's",
    async run(trial) {
      const handle = await trial.runtime().start(passOn);
      const sending = Promise.all(range(ROUNDS).map((n) => handle.send(block(n))));
      const outputs = await take(handle, ROUNDS);
      await sending;
      for (const [n, { data }] of outputs.entries()) deepEqual(await contents(data), [n, -n, 2 * n], "output");
    },
  },
  {
    law: 8,
    name: "buffers: what a flow passes on through its stages is its reader's",
    async run(trial) {
      const stages = pipeline("blocks").stage(passOn, { name: "first" }).stage(passOn, { name: "last" });
      const flow = await trial.runtime().run(stages);
      const read: number[][] = [];
      for await (const { data } of flow.process(range(ROUNDS).map(block))) read.push(await contents(data));
      deepEqual(
        read,
        range(ROUNDS).map((n) => [n, -n, 2 * n]),
        "outputs",
      );
    },
  },
  {
    law: 8,
    name: "buffers: all branches of a flow have what goes to several, whoever is done with it first",
    async run(trial) {
      const branches = graph("branches", Block, (input, { merge }) =>
        merge(
          input.filter(() => false).stage(addUp, { name: "never" }),
          input.stage(addUp, { name: "one" }),
          input.stage(passOn, { name: "before" }).stage(addUp, { name: "other" }),
        ),
      );
      const flow = await trial.runtime().run(branches);
      const totals: number[] = [];
      for await (const { total } of flow.process(range(ROUNDS).map(block))) totals.push(total);
      const wanted = range(ROUNDS).flatMap((n) => [2 * n, 2 * n]);
      deepEqual(
        totals.sort((a, b) => a - b),
        wanted,
        "totals",
      );
    },
  },
  {
    law: 8,
    name: "buffers: a kernel that broadcasts gives it to each of its targets",
    async run(trial) {
      const runtime = trial.runtime();
      const source = await runtime.start(passOn);
      const targets = [await runtime.start(addUp), await runtime.start(addUp.as("again"))];
      for (const target of targets) await runtime.connect(source, target, { mode: "broadcast" });
      const sending = Promise.all(range(ROUNDS).map((n) => source.send(block(n))));
      for (const target of targets) {
        const totals = await take(target, ROUNDS);
        deepEqual(
          totals.map(({ total }) => total),
          range(ROUNDS).map((n) => 2 * n),
          `of ${target.id}`,
        );
      }
      await sending;
    },
  },
  {
    law: 8,
    name: "buffers: a dead letter keeps what its message carries, for whoever takes it or sends it again",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(passOn);
      const data = unifiedBuffer(Float64Array, [1, 2]);
      await handle.send(Block({ data, fails: true }));
      await telemetryWhen(handle, "the dead letter", ({ deadLettered }) => deadLettered === 1);
      const adder = await runtime.start(addUp);
      equal(await runtime.deadLetters.replay(runtime.deadLetters.peek(), { to: addUp }), 1, "sent again");
      const answer = await adder.receive(soon);
      deepEqual([answer.total, Total.is(answer)], [3, true], "total");
    },
  },
  {
    law: 8,
    name: "buffers: once it is accepted its sender can neither read nor write it, and the kernel reads what was sent",
    async run(trial) {
      const handle = await trial.runtime().launch(addUp);
      const data = unifiedBuffer(Float64Array, [1, 2]);
      await handle.send(Block({ data }));
      await rejects(data.read(), "INVALID_ARGUMENT", "a read after the send");
      await rejects((async () => data.write([9]))(), "INVALID_ARGUMENT", "a write after the send");
      await rejects((async () => data.retain())(), "INVALID_ARGUMENT", "a retain after the send");
      await handle.activate();
      equal((await handle.receive(soon)).total, 3, "total");
    },
  },
  {
    law: 8,
    name: "buffers: a send that fails leaves it with its sender",
    async run(trial) {
      const handle = await trial.runtime().launch(addUp, { queueSize: 1 });
      await handle.send(block(1));
      const data = unifiedBuffer(Float64Array, [1, 2]);
      await rejects(handle.send(Block({ data }), { timeout: 5 }), "TIMEOUT", "a send to a full queue");
      data.write([5]);
      await handle.terminate();
      await rejects(handle.send(Block({ data })), "TERMINATED", "a send to a kernel that has ended");
      deepEqual(await contents(data), [5, 2], "contents");
    },
  },
  {
    law: 8,
    name: "buffers: no holder sees what another one writes; a message's alone may be written to",
    async run(trial) {
      const handle = await trial.runtime().start(scribble);
      const shared = unifiedBuffer(Float64Array, [1, 2]);
      shared.retain();
      const answer = await handle.request(Block({ data: shared }), soon);
      deepEqual([...(await shared.read())], [1, 2], "what its sender reads");
      answer.data.release();
      await telemetryWhen(handle, "all done", ({ processed }) => processed === 1);
      shared.write([7]);
      const own = await handle.request(Block({ data: shared }), soon);
      deepEqual(await contents(own.data), [99, 2], "what the kernel has written to");
    },
  },
  {
    law: 8,
    name: "buffers: one that was sent is refused when it is sent again, and leaves no trace",
    async run(trial) {
      const handle = await trial.runtime().start(addUp);
      const data = unifiedBuffer(Float64Array, [1]);
      equal((await handle.request(Block({ data }), soon)).total, 1, "total");
      await telemetryWhen(handle, "all done", ({ processed }) => processed === 1);
      await rejects(handle.send(Block({ data })), "INVALID_ARGUMENT", "the same buffer");
      await rejects(handle.send(Block({ data }), soon), "INVALID_ARGUMENT", "the same buffer, with a time-out");
      equal((await handle.telemetry()).ledger.input.accepted, 1, "accepted");
    },
  },
];
