import type { KernelHandle } from "@ringline/core";
import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import {
  Add,
  accountant,
  committingCounter,
  counter,
  countingLoop,
  Get,
  replacingCounter,
} from "../../kernels/counters.js";
import { doneSink, jobSink, jobWorkers, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { collect, counts, jobs, quiet, reaches } from "../../support/traffic.js";

/** Requests without an answer, and the separate path of answers. */
const noReply: readonly Case[] = [
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 2,
      name: `reply: ${kernel.id} that goes on without an answer: NO_REPLY at once`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const silent = jobs(20, { outputs: 0 }).map((job) => handle.request(job));
        for (const request of silent) {
          const error = await rejects(request, "NO_REPLY", "a request without an answer");
          deepEqual([error.kernelId, error.details.consumedBy], [kernel.id, kernel.id], "kernel of the error");
        }
        equal((await handle.request(Job({ n: 5 }), soon)).n, 5, "the next answer");
      },
    }),
  ),
  {
    law: 2,
    name: "reply: a sink has none: NO_REPLY at once",
    async run(trial) {
      // the compiler refuses such a request where it knows that there is no output
      const handle: KernelHandle<Job, Job> = await trial.runtime().start(jobSink);
      await rejects(handle.request(Job({ n: 1 })), "NO_REPLY", "a request to a sink");
    },
  },
  {
    law: 2,
    name: "reply: a loop that holds a request and waits for more work ends it with NO_REPLY when it receives again",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      const asked = rejects(rig.kernel.request(Job({ n: 1 })), "NO_REPLY", "the request");
      await rig.do({ call: "receive" });
      await rig.expect({ call: "receive", timeout: 0 }, "TIMEOUT");
      await asked;
    },
  },
  {
    law: 2,
    name: "reply: a loop that sends anything while it holds a request answers it with that",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      const asked = rig.kernel.request(Job({ n: 1 }), soon);
      await rig.do({ call: "receive" });
      await rig.expect({ call: "send", n: 42 }, null);
      equal((await asked).n, 42, "the answer");
      await counts(rig.kernel, { output: { accepted: 0 }, sent: 1 });
    },
  },
];

const outputQueue: readonly Case[] = [
  {
    law: 2,
    name: "reply: a full output that nobody reads does not hold up answers",
    async run(trial) {
      const handle = await trial.runtime().start(worker, { queueSize: 1 });
      await handle.send(Job({ n: 0 }));
      await reaches(handle, { output: { queued: 1 } });
      for (let n = 1; n <= 20; n++) equal((await handle.request(Job({ n }), soon)).n, n, "answer");
      await counts(handle, { output: { accepted: 1, queued: 1 }, sent: 21 });
    },
  },
  {
    law: 2,
    name: "reply: the first output answers, further ones go the ordinary way",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const answer = await handle.request(Job({ n: 1, outputs: 3 }), soon);
      equal(answer.output, 0, "answer");
      deepEqual(
        (await collect(handle, 2)).map(({ output }) => output),
        [1, 2],
        "outputs",
      );
      await quiet(handle, { sent: 3, output: { accepted: 2, done: 2 } });
    },
  },
  {
    law: 2,
    name: "reply: a linked kernel answers its asker and forwards nothing of it",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      const last = await runtime.start(doneSink);
      await runtime.connect(handle, last);
      equal((await handle.request(Job({ n: 1 }), soon)).n, 1, "answer");
      await handle.send(Job({ n: 2 }));
      await quiet(handle, { sent: 2 });
      await quiet(last, { input: { accepted: 1, done: 1 } });
    },
  },
  {
    law: 2,
    name: "reply: a failure reaches the asker, not the time-out",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      for (const fail of ["at once", "later"] as const) {
        const error = await rejects(handle.request(Job({ n: 1, fail })), "KERNEL_FAILED", `a job that fails ${fail}`);
        equal(error.kernelId, "worker", "kernel of the error");
      }
      equal((await handle.request(Job({ n: 2 }), soon)).n, 2, "the next answer");
    },
  },
  {
    law: 2,
    name: "reply: a request that is dropped for newer ones ends at once",
    async run(trial) {
      const handle = await trial.runtime().launch(worker, { queueSize: 1, backpressure: "drop-oldest" });
      const first = rejects(handle.request(Job({ n: 1 })), "QUEUE_FULL", "the dropped request");
      const second = handle.request(Job({ n: 2 }), soon);
      await first;
      await handle.activate();
      equal((await second).n, 2, "answer");
    },
  },
  {
    law: 2,
    name: "reply: a request that is rejected by a full queue ends at once",
    async run(trial) {
      const handle = await trial.runtime().launch(worker, { queueSize: 1, backpressure: "reject" });
      const first = handle.request(Job({ n: 1 }), soon);
      await rejects(handle.request(Job({ n: 2 })), "QUEUE_FULL", "the rejected request");
      await handle.activate();
      equal((await first).n, 1, "answer");
    },
  },
  {
    law: 2,
    name: "reply: a request that expires ends with that",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      const asked = rejects(handle.request(Job({ n: 1 }, { expiresIn: 1 })), "EXPIRED", "the request");
      await rejects(handle.receive({ timeout: 15 }), "TIMEOUT", "meanwhile");
      await handle.activate();
      await asked;
    },
  },
];

/** Kernels that say which message answers which request. */
const declared: readonly Case[] = [
  {
    law: 2,
    name: "reply: each request gets the reply that `replies` names, from the host and from another kernel",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(counter);
      const book = await runtime.start(accountant);
      for (let n = 0; n < 5; n++) {
        const [got, added] = await Promise.all([handle.request(Get()), handle.request(Add({ n }))]);
        deepEqual([got.type, got.sum, added.type], ["Sum", 0, "Ok"], "replies");
        equal((await book.request(Add({ n }))).sum, n, "the reply by way of another kernel");
      }
    },
  },
  {
    law: 2,
    name: "reply: outputs after the reply are of any type",
    async run(trial) {
      for (const kernel of [counter, committingCounter, countingLoop]) {
        const handle = await trial.runtime().start(kernel);
        equal((await handle.request(Get())).type, "Sum", "reply");
        deepEqual(
          (await collect(handle, 1)).map(({ type }) => type),
          ["Ok"],
          "further outputs",
        );
        // without a request there is nothing to reply to
        await handle.send(Add({ n: 1, as: "Sum" }));
        deepEqual(
          (await collect(handle, 1)).map(({ type }) => type),
          ["Sum"],
          "outputs without a request",
        );
      }
    },
  },
  {
    law: 2,
    name: "reply: a message that `replies` does not name for the request is TYPE_MISMATCH, and a dead letter",
    async run(trial) {
      for (const kernel of [counter, committingCounter, replacingCounter]) {
        const handle = await trial.runtime().start(kernel);
        const error = await rejects(handle.request(Add({ n: 1, as: "Sum" })), "TYPE_MISMATCH", kernel.id);
        deepEqual([error.kernelId, error.details], [kernel.id, { wanted: ["Ok"], got: "Sum" }], "error");
        await reaches(handle, { deadLettered: 1, sent: 0 });
        equal((await handle.request(Add({ n: 2 }))).type, "Ok", "the next reply");
      }
    },
  },
  {
    law: 2,
    name: "reply: a loop whose reply is rejected with TYPE_MISMATCH still has the request to answer",
    async run(trial) {
      const handle = await trial.runtime().start(countingLoop);
      equal((await handle.request(Add({ n: 7, as: "Sum" }))).type, "Ok", "reply");
      deepEqual(await collect(handle, 1).then(([sum]) => sum?.type === "Sum" && sum.sum), 7, "what follows the error");
    },
  },
];

export const replies: readonly Case[] = [...noReply, ...outputQueue, ...declared];
