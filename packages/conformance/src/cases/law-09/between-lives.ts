import { deepEqual, equal, PATIENCE, rejects, sleep, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { brittle, loopWorker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { patient, quick, retrying, SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const kernels = [loopWorker, brittle] as const;
const policies = ["dead-letter", "retry"] as const;
const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);

/** Ways to end a kernel while it waits for its next incarnation. */
const ends = {
  terminate: (rig: SupervisedRig) => rig.kernel.terminate({ timeout: Number.POSITIVE_INFINITY }),
  dispose: (rig: SupervisedRig) => rig.runtime.dispose({ timeout: Number.POSITIVE_INFINITY }),
} as const;

const ended: readonly Case[] = Object.entries(ends).flatMap(([name, end]) =>
  kernels.flatMap((kernel) =>
    policies.map(
      (onCrash): Case => ({
        law: 9,
        name: `between lives: ${name} ends ${kernel.id} at once, what was in hand: ${onCrash}`,
        async run(trial) {
          const supervise = { ...patient, onCrash };
          const rig = await SupervisedRig.launch(trial, kernel, { supervise, queueSize: 2 });
          await sendAll(rig.kernel, [Job({ n: 0, fail: "at once" }), Job({ n: 1 })]);
          await rig.kernel.activate();
          await reaches(rig.kernel, { restarts: 1, input: { inHand: 0, queued: onCrash === "retry" ? 2 : 1 } });
          const receiving = rejects(rig.kernel.receive(), "TERMINATED", "a parked receive");
          const asked = rejects(rig.kernel.request(Job({ n: 2 })), "TERMINATED", "a request in the queue");
          const parked = rejects(rig.kernel.send(Job({ n: 3 })), "TERMINATED", "a parked send");
          await within<unknown>(PATIENCE, end(rig), name);
          await Promise.all([receiving, asked, parked]);
          equal(rig.kernel.state, "terminated", "state");
          deepEqual(
            (await letters(rig.runtime, 3)).map(({ message, reason, attempts }) => [
              (message as Job).n,
              reason,
              attempts,
            ]),
            [
              [0, onCrash === "retry" ? "TERMINATED" : "KERNEL_FAILED", 1],
              [1, "TERMINATED", 0],
              [2, "TERMINATED", 0],
            ],
            "dead letters",
          );
          await rig.restarted(1);
        },
      }),
    ),
  ),
);

const waits: readonly Case[] = [
  ...kernels.flatMap((kernel) =>
    policies.map(
      (onCrash): Case => ({
        law: 9,
        name: `between lives: parked senders and receivers of ${kernel.id} wait on, what was in hand: ${onCrash}`,
        async run(trial) {
          const rig = await SupervisedRig.launch(trial, kernel, { supervise: { ...quick, onCrash }, queueSize: 1 });
          const failing = onCrash === "retry" ? { failures: 2 } : { fail: "at once" as const };
          const all = jobs(8).map((job) => (job.n === 0 || job.n === 3 ? Job({ n: job.n, ...failing }) : job));
          const wanted = onCrash === "retry" ? numbers(all) : [1, 2, 4, 5, 6, 7];
          const receives = together(wanted.map(() => rig.kernel.receive(soon)));
          const sends = together(all.map((job) => rig.kernel.send(job, soon)));
          await rig.kernel.activate();
          await within(PATIENCE, sends, "the sends");
          deepEqual(numbers(await within(PATIENCE, receives, "the receives")), wanted, "outputs");
          await quiet(rig.kernel, {
            restarts: onCrash === "retry" ? 4 : 2,
            input: { accepted: 8, done: wanted.length },
          });
        },
      }),
    ),
  ),
  {
    law: 9,
    name: "between lives: a kernel accepts, and is full, as ever",
    async run(trial) {
      const supervise = { ...patient, onCrash: "retry" } as const;
      const rig = await SupervisedRig.start(trial, loopWorker, { supervise, queueSize: 2, backpressure: "reject" });
      await rig.kernel.send(Job({ n: 0, fail: "at once" }));
      await reaches(rig.kernel, { restarts: 1, input: { queued: 1 } });
      // redelivered messages take no capacity from others
      for (const n of [1, 2]) await rig.kernel.send(Job({ n }));
      await rejects(rig.kernel.send(Job({ n: 3 })), "QUEUE_FULL", "one too many");
      equal(rig.kernel.state, "active", "state");
      await counts(rig.kernel, { rejected: 1, input: { accepted: 3, queued: 3, inHand: 0 } });
    },
  },
  {
    law: 9,
    name: "between lives: terminate with drain waits for the next life, which does what is queued",
    async run(trial) {
      const supervise = { ...retrying, backoff: { initial: 30, jitter: 0 } };
      const rig = await SupervisedRig.launch(trial, loopWorker, { supervise });
      await sendAll(rig.kernel, [Job({ n: 0, failures: 1 }), ...jobs(5).slice(1)]);
      await rig.kernel.activate();
      await reaches(rig.kernel, { restarts: 1 });
      await rig.kernel.terminate({ drain: true });
      deepEqual(numbers(await collect(rig.kernel, 5)), [0, 1, 2, 3, 4], "outputs");
      await counts(rig.kernel, { processed: 5, deadLettered: 0 });
    },
  },
  {
    law: 9,
    name: "between lives: what a former life sent stays in the output, in front of what the next one sends",
    async run(trial) {
      const rig = await SupervisedRig.launch(trial, loopWorker, { supervise: quick });
      await sendAll(rig.kernel, [Job({ n: 0 }), Job({ n: 1, fail: "at once" }), Job({ n: 2 })]);
      await rig.kernel.activate();
      await quiet(rig.kernel, { processed: 2, output: { queued: 2 } });
      deepEqual(numbers(await collect(rig.kernel, 2)), [0, 2], "outputs");
    },
  },
];

const states: readonly Case[] = [
  ...[mortalLoop, mortalHandler].map(
    (kernel): Case => ({
      law: 9,
      name: `between lives: ${kernel.id} that is deactivated meanwhile is delivered nothing in its next life either`,
      async run(trial) {
        const rig = await SupervisedRig.launch(trial, kernel);
        let deactivated: Promise<void> | undefined;
        rig.runtime.on("restart", () => {
          deactivated = rig.kernel.deactivate();
        });
        await sendAll(rig.kernel, [Job({ n: 0, fail: "at once" }), ...jobs(4).slice(1)]);
        await rig.kernel.activate();
        await rig.restarted(1);
        await within<unknown>(PATIENCE, Promise.all([deactivated]), "deactivate");
        // each incarnation of the loop asks the tally first
        if (kernel === mortalLoop) await reaches(rig.tally, { processed: 2 });
        const resting = { received: 1, input: { queued: 3, inHand: 0, deadLettered: 1 } };
        await reaches(rig.kernel, resting);
        await sleep(15);
        await counts(rig.kernel, resting);
        equal(rig.kernel.state, "deactivated", "state");
        await rig.kernel.reactivate();
        deepEqual(numbers(await collect(rig.kernel, 3)), [1, 2, 3], "outputs");
      },
    }),
  ),
  {
    law: 9,
    name: "between lives: the next life knows whether it is active",
    async run(trial) {
      const rig = await OperatorRig.launch(trial, { supervise: quick });
      const look = async (active: number, what: string) => {
        await rig.end("throw");
        deepEqual((await rig.do({ call: "look" }))[0]?.ns, [active, 0, 0], what);
      };
      await look(0, "launched");
      equal(rig.kernel.state, "launched", "state");
      await rig.kernel.activate();
      await look(1, "active");
      await rig.kernel.deactivate();
      await look(0, "deactivated");
      equal(rig.kernel.state, "deactivated", "state");
      await rig.kernel.reactivate();
      deepEqual((await rig.do({ call: "look" }))[0]?.ns, [1, 0, 0], "active again");
      await counts(rig.kernel, { restarts: 3, errors: 3 });
    },
  },
  {
    law: 9,
    name: "between lives: nothing of a former life has an effect",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { supervise: quick });
      // calls that are no longer awaited when the body throws
      await rig.begin({ call: "receive", abortAfter: 30 });
      const reported = rig.runtime.receive("reports", soon);
      await within(PATIENCE, reported, "the report");
      await rig.end("throw");
      await rig.kernel.send(Job({ n: 1 }));
      deepEqual((await rig.do({ call: "receive" }))[0]?.ns, [1], "what the next life gets");
      await counts(rig.kernel, { received: 1, restarts: 1, input: { inHand: 1 } });
    },
  },
  {
    law: 9,
    name: "between lives: no state changes, and no other kernel restarts",
    async run(trial) {
      const runtime = trial.runtime();
      const rig = await SupervisedRig.launch(trial, loopWorker, { supervise: quick }, runtime);
      const other = await runtime.start(loopWorker, { id: "other", supervise: quick });
      await rig.kernel.activate();
      const changes: string[] = [];
      runtime.on("state", ({ kernelId, to }) => changes.push(`${kernelId} ${to}`));
      await sendAll(rig.kernel, [Job({ n: 0, fail: "at once" }), Job({ n: 1 })]);
      await other.send(Job({ n: 2 }));
      equal((await collect(rig.kernel, 1))[0]?.n, 1, "output after the restart");
      equal((await collect(other, 1))[0]?.n, 2, "output of the other");
      deepEqual(changes, [], "state events");
      deepEqual(attemptsOf(await rig.restarted(1)), ["loopWorker 1"], "restart events");
      await counts(other, { restarts: 0, errors: 0 });
    },
  },
];

/** Awaits all of them, without an unhandled rejection if the case fails before. */
function together<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const all = Promise.all(promises);
  all.catch(() => {});
  return all;
}

function attemptsOf(restarts: readonly { readonly kernelId: string; readonly attempt: number }[]): string[] {
  return restarts.map(({ kernelId, attempt }) => `${kernelId} ${attempt}`);
}

export const between: readonly Case[] = [...ended, ...waits, ...states];
