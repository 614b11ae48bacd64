import { deepEqual, equal, ok, rejects, soon, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { asker } from "../../kernels/askers.js";
import { Checked, coded, liar, stillborn, stillbornNow, talkativeSink } from "../../kernels/faulty.js";
import { brittle, loopWorker, manualWorker, worker } from "../../kernels/job-workers.js";
import { gate, Job, Pass } from "../../kernels/jobs.js";
import { errorEvents, letters } from "../../support/told.js";
import { collect, jobs, quiet, reaches } from "../../support/traffic.js";

const kinds = [
  { fail: "at once", code: "KERNEL_FAILED", cause: "RangeError" },
  { fail: "later", code: "KERNEL_FAILED", cause: "RangeError" },
  { fail: "after output", code: "KERNEL_FAILED", cause: "RangeError" },
  { fail: "with a code", code: "UNSUPPORTED", cause: undefined },
  { fail: "with a string", code: "KERNEL_FAILED", cause: "job 1 failed" },
  { fail: "with nothing", code: "KERNEL_FAILED", cause: undefined },
] as const;

/** The part of a cause that survives every boundary: the name of an error, any other value unchanged. */
function causeOf(error: { readonly cause?: unknown }): unknown {
  return error.cause instanceof Error || typeof error.cause === "object"
    ? (error.cause as Error | null)?.name
    : error.cause;
}

export const thrown: readonly Case[] = [
  ...[worker, loopWorker, manualWorker, brittle].flatMap((kernel) =>
    kinds.map(
      ({ fail, code, cause }): Case => ({
        law: 6,
        name: `throw: ${kernel.id} throws ${fail}: one error event, which says what, where and over which message`,
        async run(trial) {
          const runtime = trial.runtime();
          const handle = await runtime.start(kernel);
          const job = Job({ n: 1, fail });
          await handle.send(job);
          await reaches(handle, { errors: 1, deadLettered: 1 });
          const [error] = await errorEvents(trial, 1);
          ok(error, "an error event");
          deepEqual([error.code, error.kernelId, error.messageId, error.stage], [code, kernel.id, job.messageId, null]);
          equal(causeOf(error), cause, "cause");
          ok(
            error instanceof Error && error.remedy !== "" && error.message !== "",
            "an error with a message and a remedy",
          );
          const [deadLetter] = await letters(runtime, 1);
          equal(deadLetter?.error.kernelId, kernel.id, "kernel of the dead letter's error");
        },
      }),
    ),
  ),
  ...kinds
    .filter(({ fail }) => fail !== "after output")
    .map(
      ({ fail, code, cause }): Case => ({
        law: 6,
        name: `throw: a handle body that throws ${fail} while somebody waits for the reply: that is the reply`,
        async run(trial) {
          const handle = await trial.runtime().start(worker);
          const job = Job({ n: 1, fail });
          const error = await rejects(handle.request(job), code, "the request");
          deepEqual([error.kernelId, error.messageId], ["worker", job.messageId], "kernel and message");
          equal(causeOf(error), cause, "cause");
          await errorEvents(trial, 1);
        },
      }),
    ),
  {
    law: 6,
    name: "throw: others who wait for a reply from the same kernel get theirs",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const asked = jobs(60).map(async ({ n }) => {
        if (n % 3 !== 0) equal((await handle.request(Job({ n }), soon)).n, n, "answer");
        else
          await rejects(handle.request(Job({ n, fail: n % 2 ? "at once" : "later" })), "KERNEL_FAILED", `request ${n}`);
      });
      await Promise.all(asked);
      await quiet(handle, { errors: 20, deadLettered: 20, processed: 40 });
      await errorEvents(trial, 20);
    },
  },
  ...[loopWorker, brittle].map(
    (kernel): Case => ({
      law: 6,
      name: `throw: ${kernel.id} that fails tells all who wait for it: in hand, queued, parked and receiving`,
      async run(trial) {
        const runtime = trial.runtime();
        const pass = await runtime.start(gate);
        const handle = await runtime.start(kernel, { queueSize: 2 });
        const inHand = handle.request(Job({ n: 0, hold: true, fail: "later" }));
        await reaches(handle, { input: { inHand: 1 } });
        const waits = [
          inHand,
          ...jobs(6).map((job) => handle.request(job)),
          handle.receive(),
          handle.send(Job({ n: 9 })),
        ];
        const failed = waits.map((wait) => rejects(wait, "KERNEL_FAILED"));
        await pass.send(Pass());
        for (const error of await Promise.all(failed)) {
          deepEqual([error.kernelId, causeOf(error)], [kernel.id, "RangeError"], "kernel and cause");
        }
        equal(handle.state, "failed", "state");
        await errorEvents(trial, 1);
      },
    }),
  ),
  ...[stillborn, stillbornNow].map(
    (kernel): Case => ({
      law: 6,
      name: `throw: ${kernel.id}, a body that throws at once, fails after its launch, and visibly`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.launch(kernel);
        await until("state failed", () => handle.state === "failed");
        deepEqual(
          (await errorEvents(trial, 1)).map(({ code, kernelId }) => [code, kernelId]),
          [["KERNEL_FAILED", kernel.id]],
          "events",
        );
        const error = await rejects(handle.send(Job({ n: 1 })), "KERNEL_FAILED", "send");
        equal(causeOf(error), "RangeError", "cause");
        await rejects(handle.receive(), "KERNEL_FAILED", "receive");
        await rejects(handle.activate(), "KERNEL_STATE", "activate");
        await handle.terminate();
        equal(handle.state, "failed", "state after terminate");
      },
    }),
  ),
  {
    law: 6,
    name: "throw: an error of Ringline's own keeps its code and details, and names its kernel",
    async run(trial) {
      const handle = await trial.runtime().start(coded);
      await handle.send(Job({ n: 77 }));
      await reaches(handle, { errors: 1 });
      const [error] = await errorEvents(trial, 1);
      ok(error?.code === "EXPIRED", "the code of the event");
      deepEqual([error.details, error.kernelId], [{ late: 77 }, "coded"], "details and kernel");
      const wait = await rejects(handle.receive(), "KERNEL_FAILED", "receive");
      equal((wait.cause as { code?: string } | undefined)?.code, "EXPIRED", "cause of the wait's error");
    },
  },
  {
    law: 6,
    name: "throw: a failure passes through a kernel that asked in vain to whoever asked that one",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(worker.as("asked"), { queueSize: 1 });
      const broken = await runtime.start(asker, { peers: { asked: "brokenOne" } });
      const error = await rejects(broken.request(Job({ n: 1 })), "KERNEL_UNKNOWN", "the request");
      equal(error.kernelId, "brokenOne", "the kernel that is missing");
      await quiet(broken, { errors: 1, deadLettered: 1 });
      equal((await letters(runtime, 1))[0]?.kernelId, "asker", "the kernel of the dead letter");
    },
  },
  {
    law: 6,
    name: "throw: one kernel fails and the others go on",
    async run(trial) {
      const runtime = trial.runtime();
      const failing = await runtime.start(brittle);
      const other = await runtime.start(worker);
      await failing.send(Job({ n: 1, fail: "at once" }));
      await until("state failed", () => failing.state === "failed");
      equal((await other.request(Job({ n: 2 }), soon)).n, 2, "answer of the other");
    },
  },
  ...[
    { n: 1, code: "TYPE_MISMATCH", what: "a message of another type" },
    { n: 2, code: "INVALID_MESSAGE", what: "a look-alike that fails its schema" },
    { n: 3, code: "TYPE_MISMATCH", what: "a list that ends in a number" },
    { n: 4, code: "INVALID_MESSAGE", what: "a message that cannot be made" },
    { n: 5, code: "TYPE_MISMATCH", what: "null" },
  ].map(
    ({ n, code, what }): Case => ({
      law: 6,
      name: `output: a kernel that gives ${what}: ${code}, as if it had thrown`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.start(liar);
        await handle.send(Checked({ n }));
        await quiet(handle, { errors: 1, deadLettered: 1 });
        const [error] = await errorEvents(trial, 1);
        deepEqual([error?.code, error?.kernelId], [code, "liar"], "error event");
        equal((await letters(runtime, 1))[0]?.reason, code, "dead letter");
        await handle.send(Checked({ n: 10 }));
        deepEqual((await collect(handle, n === 3 ? 2 : 1)).at(-1)?.n, 10, "the next output");
      },
    }),
  ),
  {
    law: 6,
    name: "output: a sink that gives one: TYPE_MISMATCH",
    async run(trial) {
      const handle = await trial.runtime().start(talkativeSink);
      await handle.send(Checked({ n: 1 }));
      await quiet(handle, { errors: 1, deadLettered: 1, sent: 0 });
      equal((await errorEvents(trial, 1))[0]?.code, "TYPE_MISMATCH", "error event");
    },
  },
  {
    law: 6,
    name: "events: a listener that throws disturbs neither the others nor the kernel; one that is gone hears nothing",
    async run(trial) {
      const runtime = trial.runtime();
      const heard: string[] = [];
      const gone = runtime.on("error", () => heard.push("gone"));
      runtime.on("error", ({ code }) => heard.push(code));
      const handle = await runtime.start(worker);
      await rejects(handle.request(Job({ n: 1, fail: "at once" })), "KERNEL_FAILED");
      gone[Symbol.dispose]();
      await rejects(handle.request(Job({ n: 2, fail: "with a code" })), "UNSUPPORTED");
      deepEqual(heard.sort(), ["KERNEL_FAILED", "UNSUPPORTED", "gone"], "events");
    },
  },
];
