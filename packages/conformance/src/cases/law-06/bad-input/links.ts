import { errors, isRinglineError } from "@ringline/core";
import { deepEqual, equal, ok, rejects, soon } from "../../../assert.js";
import type { Case } from "../../../case.js";
import { doneSink, jobSink, worker } from "../../../kernels/job-workers.js";
import { Job } from "../../../kernels/jobs.js";
import { counts, reaches } from "../../../support/traffic.js";

// biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
type Any = any;

export const linkCases: readonly Case[] = [
  {
    law: 6,
    name: "bad input: a second link without a mode, and a receive on a linked output: PORT_LINKED",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(worker);
      const waiting = rejects(first.receive(), "PORT_LINKED", "a receive that waited when the link came");
      const [one, two] = [await runtime.start(doneSink.as("one")), await runtime.start(doneSink.as("two"))];
      await runtime.connect(first, one);
      const error = await waiting;
      deepEqual([error.kernelId, error.details.to], ["worker", ["one"]], "kernel and links");
      await rejects(first.receive({ timeout: 0 }), "PORT_LINKED", "a receive");
      await rejects(runtime.connect(first, two), "PORT_LINKED", "a second link");
      await rejects(runtime.connect(first, two, { mode: "at random" as Any }), "INVALID_ARGUMENT", "an unknown mode");
      await first.send(Job({ n: 1 }));
      await reaches(one, { input: { accepted: 1, done: 1 } });
      await counts(two, { input: { accepted: 0 } });
    },
  },
  {
    law: 6,
    name: "bad input: a link to a kernel that takes other messages: TYPE_MISMATCH",
    async run(trial) {
      const runtime = trial.runtime() as Any;
      const [first, last] = [await runtime.start(worker), await runtime.start(jobSink)];
      await rejects(runtime.connect(first, last), "TYPE_MISMATCH", "connect");
      await first.send(Job({ n: 1 }));
      equal((await first.receive(soon)).n, 1, "the output, which is not linked");
    },
  },
];

export const shapeCases: readonly Case[] = [
  {
    law: 6,
    name: "errors: each says its code, its details, a message and a remedy, and so does its JSON",
    async run(trial) {
      const error = await rejects(trial.runtime().send("nobody", Job({ n: 1 })), "KERNEL_UNKNOWN");
      ok(error instanceof Error && isRinglineError(error) && isRinglineError(error, "KERNEL_UNKNOWN"), "what it is");
      ok(
        !isRinglineError(error, "TIMEOUT") && !isRinglineError(new Error("x")) && !isRinglineError(null),
        "what it is not",
      );
      for (const text of [error.message, error.remedy, error.name])
        ok(typeof text === "string" && text !== "", "its texts");
      const json = JSON.parse(JSON.stringify(error));
      deepEqual([json.code, json.kernelId, json.details.known], ["KERNEL_UNKNOWN", "nobody", []], "its JSON");
    },
  },
  {
    law: 6,
    name: "errors: there is a class for every code, and each can be made",
    async run() {
      const codes = Object.keys(errors);
      ok(codes.includes("QUEUE_FULL") && codes.length > 15, "codes");
      for (const code of codes) equal(errors[code as keyof typeof errors].name, code, "name of the class");
    },
  },
];
