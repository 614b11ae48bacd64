import { deepEqual, equal, PATIENCE, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobSink, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { letters } from "../../support/told.js";
import { collect, jobs, quiet, sendAll } from "../../support/traffic.js";

/** Listeners and readers neither slow down nor break kernels. */
export const listeners: readonly Case[] = [
  {
    law: 11,
    name: "a listener that throws keeps the event from no other, and the kernel from nothing",
    async run(trial) {
      const runtime = trial.runtime();
      const seen: number[] = [];
      const thrower = () => {
        throw new RangeError("a listener that throws");
      };
      const listening = runtime.on("deadLetter", thrower);
      runtime.on("deadLetter", ({ message }) => void (Job.is(message) && seen.push(message.n)));
      const handle = await runtime.start(worker);
      for (const job of jobs(4, { fail: "at once" })) await handle.send(job);
      await until("four events", () => seen.length === 4);
      await letters(runtime, 4);
      listening[Symbol.dispose]();
      equal((await handle.request(Job({ n: 9 }), soon)).n, 9, "answer");
      await quiet(handle, { deadLettered: 4, processed: 1 });
    },
  },
  {
    law: 11,
    name: "a listener that never finishes holds up neither kernels nor other listeners",
    async run(trial) {
      const runtime = trial.runtime();
      let told = 0;
      runtime.on("drop", () => new Promise<void>(() => {}) as never);
      runtime.on("drop", () => void told++);
      const handle = await runtime.launch(jobSink, { queueSize: 2, backpressure: "drop-oldest" });
      await within(PATIENCE, sendAll(handle, jobs(50)), "the sends");
      await until("all drops", () => told === 48);
    },
  },
  {
    law: 11,
    name: "a reader of dead letters that never goes on holds up neither kernels nor other readers",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      const seen: number[] = [];
      const stuck = async () => {
        for await (const _ of runtime.deadLetters) await new Promise(() => {});
      };
      const reading = async () => {
        for await (const { message } of runtime.deadLetters) if (Job.is(message)) seen.push(message.n);
      };
      void stuck();
      const read = reading();
      await sendAll(handle, jobs(20, { fail: "at once" }));
      await until("the other reader", () => seen.length >= 19);
      equal((await handle.request(Job({ n: 99 }), soon)).n, 99, "answer");
      await within(PATIENCE, runtime.dispose(), "dispose");
      await within(PATIENCE, read, "the other reader");
    },
  },
  {
    law: 11,
    name: "who asks for telemetry and inspects all the time changes no result",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      let isOver = false;
      const looking = (async () => {
        while (!isOver) await Promise.all([handle.telemetry(), runtime.inspect()]);
      })();
      const sent = sendAll(handle, jobs(500));
      const outputs = await collect(handle, 500);
      isOver = true;
      await within(PATIENCE, looking, "the looks");
      await sent;
      deepEqual(
        outputs.map(({ n }) => n),
        jobs(500).map(({ n }) => n),
        "outputs",
      );
      await quiet(handle, { received: 500, processed: 500, errors: 0 });
    },
  },
];
