import { deepEqual, equal, PATIENCE, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { asker } from "../../kernels/askers.js";
import { Job } from "../../kernels/jobs.js";
import { mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { patient, SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet } from "../../support/traffic.js";

const commit = { onCrash: "retry", effects: "commit" } as const;

export const requests: readonly Case[] = [
  ...[mortalLoop, mortalHandler].flatMap((kernel): Case[] => [
    {
      law: 9,
      name: `request: ${kernel.id}: whoever asked hears of the crash at once, long before the next life`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: patient });
        const error = await rejects(rig.kernel.request(Job({ n: 1, fail: "at once" })), "KERNEL_FAILED", "the request");
        equal(error.kernelId, kernel.id, "kernel of the error");
        equal((error.cause as Error | undefined)?.name, "RangeError", "cause");
        equal(rig.kernel.state, "active", "state");
        await letters(rig.runtime, 1, { reason: "KERNEL_FAILED" });
      },
    },
    {
      law: 9,
      name: `request: ${kernel.id}: whoever waits in the queue is answered by the next life`,
      async run(trial) {
        const rig = await SupervisedRig.launch(trial, kernel);
        const [first, ...others] = [Job({ n: 0, fail: "at once" }), ...jobs(5).slice(1)].map((job) =>
          rig.kernel.request(job, soon),
        );
        const answers = Promise.all(others);
        answers.catch(() => {}); // awaited below: a rejection before that is handled
        const failed = rejects(first as Promise<unknown>, "KERNEL_FAILED", "the first request");
        await rig.kernel.activate();
        await failed;
        deepEqual(
          (await answers).map(({ n }) => n),
          [1, 2, 3, 4],
          "answers",
        );
      },
    },
    {
      law: 9,
      name: `request: ${kernel.id}: waits on through retries and gets the one answer`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: commit });
        const answer = await rig.kernel.request(Job({ n: 7, failures: 3 }), soon);
        deepEqual([answer.n, answer.by], [7, kernel === mortalLoop ? "life 4" : kernel.id], "answer");
        await quiet(rig.kernel, { received: 4, processed: 1, sent: 1, restarts: 3, output: { accepted: 0 } });
        await letters(rig.runtime, 0);
      },
    },
    {
      law: 9,
      name: `request: ${kernel.id}: with effects at once the answer of the first attempt counts, a later one is further output`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: { onCrash: "retry" } });
        equal((await rig.kernel.request(Job({ n: 7, failures: 1 }), soon)).n, 7, "answer");
        equal((await collect(rig.kernel, 1))[0]?.n, 7, "the output of the second attempt");
        await quiet(rig.kernel, { received: 2, processed: 1, sent: 2, restarts: 1, output: { accepted: 1 } });
      },
    },
    {
      law: 9,
      name: `request: ${kernel.id}: ends with the last failure when the kernel gives up`,
      async run(trial) {
        const limit = { max: 2, window: 60_000 };
        const rig = await SupervisedRig.launch(trial, kernel, { supervise: { ...commit, limit } });
        const asked = [Job({ n: 1, fail: "after output" }), Job({ n: 2 })].map((job, i) =>
          rejects(rig.kernel.request(job), "KERNEL_FAILED", `request ${i}`),
        );
        await rig.kernel.activate();
        for (const error of await Promise.all(asked)) {
          deepEqual([error.kernelId, error.details.restarts], [kernel.id, 2], "kernel and restarts");
        }
        await counts(rig.kernel, { restarts: 2, errors: 3, sent: 0, deadLettered: 2 });
      },
    },
    {
      law: 9,
      name: `request: a kernel that asks ${kernel.id} waits on through its crashes`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: commit });
        const asking = await rig.runtime.start(asker, { peers: { asked: kernel } });
        await asking.send(Job({ n: 3 }));
        equal((await collect(asking, 1))[0]?.n, 3, "an answer without a crash");
        const sent = rig.kernel.request(Job({ n: 4, failures: 2 }), soon);
        sent.catch(() => {}); // awaited below: a rejection before that is handled
        await asking.send(Job({ n: 5 }));
        equal((await collect(asking, 1))[0]?.n, 5, "an answer behind a crash");
        equal((await within(PATIENCE, sent, "the request of the host")).n, 4, "answer to the host");
        await quiet(rig.kernel, { restarts: 2, processed: 3 });
      },
    },
  ]),
];
