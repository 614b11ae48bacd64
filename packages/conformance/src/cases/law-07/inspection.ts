import { deepEqual, rejects, soon, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { asker } from "../../kernels/askers.js";
import { worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";

/** `inspect` shows which kernel waits for which. */
export const inspection: readonly Case[] = [
  {
    law: 7,
    name: "inspect: two kernels that ask each other are a circle",
    async run(trial) {
      const runtime = trial.runtime();
      const a = await runtime.start(asker, { id: "a", peers: { asked: "b" } });
      await runtime.start(asker, { id: "b", peers: { asked: "a" } });
      const asked = rejects(a.request(Job({ n: 1 })), "TERMINATED", "the request");
      asked.catch(() => {}); // awaited below: a rejection before that is handled
      await until("the circle", async () => (await runtime.inspect()).cycles.length > 0);
      const { kernels, cycles } = await runtime.inspect();
      deepEqual(cycles, [["a", "b"]], "circles");
      deepEqual(
        kernels.map(({ kernelId, waitsOn }) => [kernelId, waitsOn]),
        [
          ["a", [{ for: "answer", kernelId: "b", count: 1 }]],
          ["b", [{ for: "answer", kernelId: "a", count: 1 }]],
        ],
        "who waits on whom",
      );
      await a.terminate(soon);
      await asked;
      deepEqual((await runtime.inspect()).cycles, [], "circles after the end of one");
    },
  },
  {
    law: 7,
    name: "inspect: a kernel that waits to be read, one that waits for work, and who waits for room",
    async run(trial) {
      const runtime = trial.runtime();
      const idle = await runtime.start(worker);
      const full = await runtime.launch(worker, { id: "full", queueSize: 1 });
      await full.send(Job({ n: 0 }));
      const parked = rejects(full.send(Job({ n: 1 })), "TERMINATED", "the send");
      parked.catch(() => {}); // awaited below: a rejection before that is handled
      const unread = await runtime.start(worker, { id: "unread", queueSize: 1 });
      await unread.send(Job({ n: 0, outputs: 2 }));
      const waits = async (id: string) => {
        const found = (await runtime.inspect()).kernels.find(({ kernelId }) => kernelId === id);
        return found?.waitsOn.map((wait) => wait.for).join();
      };
      await until("the reader", async () => (await waits("unread")) === "reader");
      await until("the work", async () => (await waits(idle.id)) === "input");
      const { kernels } = await runtime.inspect();
      deepEqual(
        kernels.map(({ kernelId, queued, inHand, parkedSenders }) => [kernelId, queued, inHand, parkedSenders]),
        [
          [idle.id, 0, 0, 0],
          ["full", 1, 0, 1],
          ["unread", 0, 1, 0],
        ],
        "queued, in hand, parked",
      );
      await full.terminate();
      await parked;
    },
  },
];
