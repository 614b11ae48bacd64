import { equal, PATIENCE, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { handler, looper } from "../../kernels/workers.js";
import { tasks } from "../../support/handle.js";
import { counts } from "../../support/traffic.js";

/** A listener may act on the subject of the event at once. */
export const listeners: readonly Case[] = [
  ...(["terminating", "terminated"] as const).map(
    (state): Case => ({
      law: 5,
      name: `terminate by a state listener, at ${state}: it waits for the same end`,
      async run(trial) {
        const runtime = trial.runtime();
        let again: Promise<void> | undefined;
        runtime.on("state", ({ kernelId, to }) => {
          if (to === state) again = runtime.terminate(kernelId);
        });
        const handle = await runtime.start(handler);
        await within(PATIENCE, handle.terminate(), "terminate");
        await until("the listener", () => again !== undefined);
        await within(PATIENCE, again as Promise<void>, "terminate by the listener");
        equal(handle.state, "terminated", "state");
      },
    }),
  ),
  {
    law: 5,
    name: "terminate by a state listener, at failed: once it resolves, everything queued is settled",
    async run(trial) {
      const runtime = trial.runtime();
      let again: Promise<void> | undefined;
      runtime.on("state", ({ kernelId, to }) => {
        if (to === "failed") again = runtime.terminate(kernelId);
      });
      const handle = await runtime.launch(looper);
      await handle.send(Task({ n: 0, fail: "at the first" }));
      for (const task of tasks(4, 1)) await handle.send(task);
      await handle.activate();
      await until("the listener", () => again !== undefined);
      await within(PATIENCE, again as Promise<void>, "terminate by the listener");
      await counts(handle, { input: { accepted: 5, queued: 0, inHand: 0, deadLettered: 5 } });
    },
  },
];
