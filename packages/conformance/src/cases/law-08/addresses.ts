import { peer } from "@ringline/core";
import { equal, rejects, soon, throwsNow } from "../../assert.js";
import type { Case } from "../../case.js";
import { Result, Task } from "../../kernels/messages.js";
import { handler } from "../../kernels/workers.js";
import { takes } from "../../support/handle.js";

/** Every kind of address of a kernel. */
const addresses = {
  "the kernel": handler,
  "kernel.as": handler.as("handler"),
  "a peer": peer("handler", { input: Task, output: Result }),
} as const;

export const addressing: readonly Case[] = [
  ...Object.entries(addresses).map(
    ([what, address]): Case => ({
      law: 8,
      name: `address: send, receive, request and lifecycle by ${what}`,
      async run(trial) {
        const runtime = trial.runtime();
        await runtime.launch(handler);
        await runtime.activate(address);
        await runtime.send(address, Task({ n: 1 }), soon);
        equal((await runtime.receive(address, soon)).n, 1, "received");
        equal((await runtime.request(address, Task({ n: 2 }), soon)).n, 2, "answer");
        await runtime.deactivate(address);
        equal(runtime.state(address), "deactivated", "state");
        await runtime.reactivate(address);
        equal((await runtime.telemetry(address)).kernelId, "handler", "telemetry");
        await runtime.terminate(address);
        equal(runtime.state(address), "terminated", "state");
      },
    }),
  ),
  {
    law: 8,
    name: "address: the same by id and by handle",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler, { id: "other" });
      equal(handle.id, "other", "id");
      await runtime.send("other", Task({ n: 1 }));
      await takes(handle, [1]);
      equal((await runtime.request(handle, Task({ n: 2 }), soon)).by, "other", "by");
      const answer = Result.parse(await runtime.request("other", Task({ n: 3 }), soon));
      equal(answer.n, 3, "answer by id");
    },
  },
  {
    law: 8,
    name: "address: what names nothing is refused",
    async run(trial) {
      const runtime = trial.runtime();
      for (const nothing of [undefined, null, 7, {}, { id: 7 }]) {
        await rejects(runtime.send(nothing as never, Task({ n: 1 }) as never), "INVALID_ARGUMENT", "send");
        await rejects(runtime.launch(nothing as never), "INVALID_ARGUMENT", "launch");
        throwsNow(() => runtime.state(nothing as never), "INVALID_ARGUMENT", "state");
      }
      throwsNow(() => runtime.state("nobody"), "KERNEL_UNKNOWN", "state");
      throwsNow(() => handler.as(""), "INVALID_ARGUMENT", "kernel.as");
      await rejects(runtime.launch(handler, { id: "" }), "INVALID_ARGUMENT", "launch with an empty id");
      await rejects(runtime.launch(handler, { queueSize: 0 }), "INVALID_ARGUMENT", "queueSize 0");
      await rejects(runtime.launch(handler, { queueSize: 1.5 }), "INVALID_ARGUMENT", "queueSize 1.5");
      await rejects(runtime.launch(handler, { backpressure: "hope" as never }), "INVALID_ARGUMENT", "backpressure");
      await rejects(runtime.launch(handler, { colour: "red" } as never), "INVALID_ARGUMENT", "unknown option");
      equal(runtime.kernels.length, 0, "kernels");
    },
  },
];
