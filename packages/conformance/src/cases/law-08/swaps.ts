import type { KernelHandle, RuntimeEvents } from "@ringline/core";
import { pipeline } from "@ringline/core";
import { deepEqual, equal, rejects, soon, staysPending } from "../../assert.js";
import type { Case } from "../../case.js";
import { type Result, Task } from "../../kernels/messages.js";
import { counting, countLoop } from "../../kernels/moving.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { range, take, tasks } from "../../support/handle.js";
import { inOrderPerSender, sendFrom } from "../../support/senders.js";
import { quiet } from "../../support/traffic.js";

/** Tasks under way while a stage gets new code. */
const TRAFFIC = 400;

/** New code works on the queue of a running kernel. */
export const swaps: readonly Case[] = [
  {
    law: 8,
    name: "swap: new code works on the same queue, and its state goes on from what the old code saved",
    async run(trial) {
      const runtime = trial.runtime();
      const told: RuntimeEvents["swapped"][] = [];
      runtime.on("swapped", (event) => told.push(event));
      const handle = await runtime.launch(passer.as("one"), { queueSize: 8 });
      for (const task of tasks(4)) await handle.send(task);
      await runtime.swap(handle, countLoop, { by: "the case" });
      await handle.activate();
      deepEqual(await numbered(handle, 4), [0, 1, 2, 3], "numbers by the loop");
      for (const task of tasks(3, 4)) await handle.send(task);
      deepEqual(await numbered(handle, 3, 4), [4, 5, 6], "numbers by the loop");
      await runtime.swap(handle, counting, { migrate: (count) => (count as number) + 100 });
      for (const task of tasks(3, 7)) await handle.send(task);
      deepEqual(await numbered(handle, 3, 7), [107, 108, 109], "numbers by the function");
      await runtime.swap(handle, passer);
      for (const task of tasks(2, 10)) await handle.send(task);
      deepEqual(await numbered(handle, 2, 10), [0, 0], "no numbers");
      deepEqual([told.length, told[0]?.kernelId, told[0]?.by, handle.id], [3, "one", "the case", "one"], "events");
      await quiet(handle, { processed: 12, restarts: 0, input: { accepted: 12 } });
    },
  },
  {
    law: 8,
    name: "swap: parked senders, links, requests and peers stay",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(passer, { queueSize: 2 });
      const last = await runtime.start(passer.as("last"));
      await runtime.connect(handle, last);
      const sends = sendFrom(handle, 2, 5);
      await runtime.swap(handle, passLoop);
      await staysPending(sends.all(), "the sends");
      await handle.activate();
      inOrderPerSender(
        (await take(last, 10)).map(({ n }) => n),
        2,
        5,
      );
      await sends.all();
      equal((await handle.request(Task({ n: 1 }), soon)).n, 1, "answer");
    },
  },
  {
    law: 8,
    name: "swap: what cannot be is refused, and the old code runs on",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(countLoop);
      await handle.send(Task({ n: 0 }));
      deepEqual(await numbered(handle, 1), [0], "the first number");
      const mismatch = await rejects(runtime.swap(handle, handler as never), "TYPE_MISMATCH");
      equal(mismatch.details.got, "Result", "the type that is missing");
      await rejects(runtime.swap(handle, {} as never), "INVALID_ARGUMENT");
      await rejects(runtime.swap(handle, counting, { grace: -1 }), "INVALID_ARGUMENT");
      await rejects(runtime.swap("nobody", counting), "KERNEL_UNKNOWN");
      const failing = () => {
        throw new RangeError("no way");
      };
      const error = await rejects(runtime.swap(handle, counting, { migrate: failing }), "KERNEL_FAILED");
      equal((error.cause as Error | undefined)?.message, "no way", "cause");
      await handle.send(Task({ n: 1 }));
      deepEqual(await numbered(handle, 1, 1), [1], "the second number");
      await handle.terminate();
      await rejects(runtime.swap(handle, counting), "TERMINATED");
    },
  },
  {
    law: 8,
    name: "swap: a stage of a flow gets new code under traffic, and keeps its own onError",
    async run(trial) {
      const runtime = trial.runtime();
      const stages = pipeline("swapping").stage(passer, { name: "one", workers: 2, order: "preserve" }).stage(counting);
      const flow = await runtime.run(stages);
      const read: Result[] = [];
      for await (const result of flow.process(tasks(TRAFFIC))) {
        read.push(result);
        if (read.length === 100) await flow.swap("one", passLoop);
        if (read.length === 200) await flow.swap("counting", countLoop);
      }
      deepEqual(
        read.map(({ n, index }) => [n, index]),
        range(TRAFFIC).map((n) => [n, n]),
        "outputs",
      );
    },
  },
];

/** The numbers that a kernel gives to its next outputs, which are those of the tasks from `first` on. */
async function numbered(handle: KernelHandle<never, Result>, count: number, first = 0): Promise<number[]> {
  const taken = await take(handle, count);
  deepEqual(
    taken.map(({ n }) => n),
    range(first + count, first),
    "outputs",
  );
  return taken.map(({ index }) => index);
}
