import type { KernelState } from "@ringline/core";
import { deepEqual, equal, PATIENCE, rejects, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { Probe, prober } from "../../kernels/prober.js";
import { batcher, handler, looper } from "../../kernels/workers.js";
import { takes, tasks } from "../../support/handle.js";
import type { TrialRuntime } from "../../trial.js";

export const transitions: readonly Case[] = [
  {
    law: 5,
    name: "each change of state is told, in order, with both states",
    async run(trial) {
      const runtime = trial.runtime();
      const seen = watchStates(runtime);
      const handle = await runtime.launch(handler);
      await handle.activate();
      await handle.deactivate();
      await handle.reactivate();
      await handle.terminate();
      deepEqual(
        seen(handle.id),
        ["created", "launched", "active", "deactivated", "active", "terminating", "terminated"],
        "states",
      );
    },
  },
  {
    law: 5,
    name: "a failure is told as a change of state",
    async run(trial) {
      const runtime = trial.runtime();
      const seen = watchStates(runtime);
      const handle = await runtime.start(looper);
      await handle.send(Task({ n: 0, fail: "on purpose" }));
      await until("failed", () => handle.state === "failed");
      deepEqual(seen(handle.id), ["created", "launched", "active", "failed"], "states");
    },
  },
  {
    law: 5,
    name: "a body that returns is a normal exit",
    async run(trial) {
      const runtime = trial.runtime();
      const seen = watchStates(runtime);
      const handle = await runtime.start(prober);
      await handle.send(Probe({ op: "return" }));
      await until("terminated", () => handle.state === "terminated");
      deepEqual(seen(handle.id), ["created", "launched", "active", "terminating", "terminated"], "states");
      equal(trial.errors.length, 0, "errors");
    },
  },
  {
    law: 5,
    name: "start is launch and activate",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      equal(handle.state, "active", "state");
      deepEqual(
        runtime.kernels.map(({ id, state }) => [id, state]),
        [["handler", "active"]],
        "kernels",
      );
    },
  },
  {
    law: 5,
    name: "kernels of the runtime's list are launched by their id",
    async run(trial) {
      const runtime = trial.runtime({ kernels: [handler, looper] });
      await rejects(runtime.activate("looper"), "KERNEL_UNKNOWN");
      const handle = await runtime.launch("handler");
      await runtime.activate("handler");
      await runtime.send("handler", Task({ n: 3 }));
      equal((await runtime.receive("handler", soon)).n, 3, "n");
      equal(handle.state, "active", "state");
      await rejects(runtime.launch("nobody" as never), "KERNEL_UNKNOWN");
    },
  },
  {
    law: 5,
    name: "copies of a kernel live apart",
    async run(trial) {
      const runtime = trial.runtime();
      const copies = await Promise.all([0, 1, 2].map((i) => runtime.start(handler.as(`copy_${i}`))));
      await copies[1]?.terminate();
      deepEqual(
        copies.map(({ state }) => state),
        ["active", "terminated", "active"],
        "states",
      );
      const last = copies[2] as (typeof copies)[0];
      const { by } = await last.request(Task({ n: 1 }), soon);
      equal(by, "copy_2", "by");
    },
  },
  {
    law: 5,
    name: "of two launches of one id at the same time one gets it",
    async run(trial) {
      const runtime = trial.runtime();
      const [first, second] = await Promise.allSettled([runtime.launch(handler), runtime.launch(handler)]);
      equal(first?.status, "fulfilled", "first launch");
      await rejects(
        second?.status === "rejected" ? Promise.reject(second.reason) : Promise.resolve("launched"),
        "KERNEL_EXISTS",
      );
    },
  },
  {
    law: 5,
    name: "of two activations at the same time one is wrong",
    async run(trial) {
      const handle = await trial.runtime().launch(handler);
      const outcomes = await Promise.allSettled([handle.activate(), handle.activate(), handle.deactivate()]);
      deepEqual(
        outcomes.map(({ status }) => status),
        ["fulfilled", "rejected", "fulfilled"],
        "outcomes",
      );
      equal(handle.state, "deactivated", "state");
      await handle.send(Task({ n: 0 }));
      await rejects(handle.receive({ timeout: 15 }), "TIMEOUT", "a result while deactivated");
    },
  },
  ...[handler, looper, batcher].map(
    (kernel): Case => ({
      law: 5,
      name: `${kernel.id}: pausing a hundred times loses nothing and keeps the order`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel, { queueSize: 500 });
        const all = tasks(500);
        const results = takes(
          handle,
          all.map(({ n }) => n),
        );
        results.catch(() => {});
        // some tasks arrive during each pause, and some take a while, so that a pause begins in the middle of work
        for (let pause = 0; pause < 100; pause++) {
          await handle.deactivate();
          for (const { n } of all.slice(pause * 5, pause * 5 + 5)) {
            await handle.send(n % 50 === 0 ? Task({ n, delay: 1 }) : Task({ n }));
          }
          await handle.reactivate();
        }
        await within(PATIENCE, results, "the results");
      },
    }),
  ),
];

/**
 * Records the states of a kernel from its events, and checks that each change begins at the state where the last one
 * ended.
 */
function watchStates(runtime: TrialRuntime): (id: string) => KernelState[] {
  const told: { readonly kernelId: string; readonly from: KernelState; readonly to: KernelState }[] = [];
  runtime.on("state", (event) => told.push(event));
  return (id) => {
    const changes = told.filter(({ kernelId }) => kernelId === id);
    const froms = changes.map(({ from }) => from);
    const tos = changes.map(({ to }) => to);
    deepEqual(froms.slice(1), tos.slice(0, -1), "where changes begin");
    return [...froms.slice(0, 1), ...tos];
  };
}
