import { rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobWorkers } from "../../kernels/job-workers.js";
import { gate, Pass } from "../../kernels/jobs.js";
import { counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const held = { inHand: 1, queued: 4 };

/** The accounts of one kernel in each of its states, with one message in hand and others queued. */
export const states: readonly Case[] = jobWorkers
  .filter(({ id }) => id !== "batchWorker") // a batch takes them all in hand
  .flatMap((kernel): readonly Case[] => [
    {
      law: 1,
      name: `states: ${kernel.id} in every state: the ledger balances and says where each message is`,
      async run(trial) {
        const runtime = trial.runtime();
        const pass = await runtime.start(gate);
        const handle = await runtime.launch(kernel);
        await sendAll(handle, jobs(5, { hold: true }));
        await counts(handle, { input: { accepted: 5, queued: 5, inHand: 0, done: 0 }, received: 0 }, "launched");
        await handle.activate();
        await reaches(handle, { input: { accepted: 5, ...held, done: 0 }, received: 1 }, "active");
        await handle.deactivate();
        await counts(handle, { input: { accepted: 5, ...held, done: 0 }, received: 1 }, "deactivated");
        await sendAll(handle, jobs(2, { hold: true }));
        await counts(handle, { input: { accepted: 7, queued: 6, inHand: 1 } }, "deactivated, more accepted");
        await pass.send(Pass());
        await handle.receive(soon);
        await handle.reactivate();
        await reaches(handle, { input: { accepted: 7, queued: 5, inHand: 1, done: 1 }, received: 2 }, "active again");
        await handle.terminate({ timeout: 50 });
        await counts(
          handle,
          { input: { accepted: 7, queued: 0, inHand: 0, done: 1, deadLettered: 6 }, received: 2, processed: 1 },
          "terminated",
        );
        await rejects(handle.send(jobs(1)[0] as never), "TERMINATED", "a send after the end");
        await counts(handle, { input: { accepted: 7, done: 1, deadLettered: 6 } }, "after a refused send");
      },
    },
    {
      law: 1,
      name: `states: ${kernel.id} deactivated and reactivated ten times in traffic loses nothing`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const all = 200;
        const sent = sendAll(handle, jobs(all));
        for (let i = 0; i < 10; i++) {
          await handle.deactivate();
          await handle.reactivate();
        }
        await sent;
        await reaches(handle, { input: { accepted: all, queued: 0, inHand: 0, done: all } });
        await quiet(handle, { received: all, processed: all, sent: all, output: { accepted: all, queued: all } });
      },
    },
  ]);
