import { deepEqual, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { collect, quiet, reaches } from "../../support/traffic.js";

/** Priorities in the order of sending; the delivered and the dropped messages, by index in that order. */
interface Overflow {
  readonly name: string;
  readonly queueSize: number;
  readonly priorities: readonly number[];
  readonly delivered: readonly number[];
  readonly dropped: readonly number[];
}

const overflows: readonly Overflow[] = [
  {
    name: "of one priority the oldest are dropped",
    ...{ queueSize: 2, priorities: [7, 7, 7, 7, 7], delivered: [3, 4], dropped: [0, 1, 2] },
  },
  {
    name: "the lowest priority is dropped before an older one of a higher priority",
    ...{ queueSize: 3, priorities: [9, 5, 9, 9], delivered: [0, 2, 3], dropped: [1] },
  },
  {
    name: "of the lowest priority the oldest is dropped",
    ...{ queueSize: 3, priorities: [5, 9, 5, 9, 9], delivered: [1, 3, 4], dropped: [0, 2] },
  },
  {
    name: "a newcomer is never dropped, be it the lowest of all",
    ...{ queueSize: 2, priorities: [255, 254, 0], delivered: [0, 2], dropped: [1] },
  },
  {
    name: "a low newcomer makes room for the next one",
    ...{ queueSize: 2, priorities: [255, 255, 0, 255], delivered: [1, 3], dropped: [0, 2] },
  },
  {
    name: "a queue of one keeps the newest",
    ...{ queueSize: 1, priorities: [3, 2, 1, 0], delivered: [3], dropped: [0, 1, 2] },
  },
  {
    name: "levels far apart and next to each other",
    ...{ queueSize: 4, priorities: [0, 255, 31, 32, 63, 64, 127], delivered: [1, 6, 5, 4], dropped: [0, 2, 3] },
  },
];

export const drops: readonly Case[] = overflows.map(
  ({ name, queueSize, priorities, delivered, dropped }): Case => ({
    law: 3,
    name: `drop-oldest: ${name}`,
    async run(trial) {
      const runtime = trial.runtime();
      const told: number[] = [];
      runtime.on("drop", ({ message }) => told.push((message as Job).n));
      const handle = await runtime.launch(worker, { queueSize, backpressure: "drop-oldest" });
      for (const [n, priority] of priorities.entries()) await handle.send(Job({ n }, { priority }));
      await reaches(handle, { input: { accepted: priorities.length, queued: queueSize, dropped: dropped.length } });
      await handle.activate();
      deepEqual(
        (await collect(handle, queueSize)).map(({ n }) => n),
        delivered,
        "delivered",
      );
      await quiet(handle, { input: { done: queueSize, dropped: dropped.length }, dropped: dropped.length });
      await until("the announcements", () => told.length >= dropped.length);
      deepEqual(told, dropped, "announced as dropped");
    },
  }),
);
