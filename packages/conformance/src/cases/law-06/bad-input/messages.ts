import { defineMessage } from "@ringline/core";
import { deepEqual, equal, rejects, soon, throws, throwsNow } from "../../../assert.js";
import type { Case } from "../../../case.js";
import { Checked, liar, Pong, source } from "../../../kernels/faulty.js";
import { worker } from "../../../kernels/job-workers.js";
import { Done, Job } from "../../../kernels/jobs.js";
import { counts } from "../../../support/traffic.js";

// biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
type Any = any;

export const messageCases: readonly Case[] = [
  {
    law: 6,
    name: "bad input: a priority out of range: INVALID_ARGUMENT",
    async run() {
      const job = Job({ n: 1 });
      for (const priority of [256, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, "5", null] as Any[]) {
        const error = throwsNow(() => Job({ n: 1 }, { priority }), "INVALID_ARGUMENT", `priority ${priority}`);
        equal(error.details.argument, "priority", "argument of the error");
        throwsNow(() => Job.with(job, { priority }), "INVALID_ARGUMENT", `with priority ${priority}`);
      }
      deepEqual(
        [Job({ n: 1 }, { priority: 0 }).priority, Job({ n: 1 }, { priority: 255 }).priority],
        [0, 255],
        "the ends",
      );
    },
  },
  {
    law: 6,
    name: "bad input: other header fields that are wrong: INVALID_ARGUMENT",
    async run() {
      for (const header of [
        { correlationId: "no uuid" },
        { correlationId: 5 },
        { expiresIn: 0 },
        { expiresIn: -1 },
        { expiresIn: Number.NaN },
        { replyTo: {} },
        { replyTo: "x" },
      ] as Any[]) {
        throwsNow(() => Job({ n: 1 }, header), "INVALID_ARGUMENT", JSON.stringify(header));
      }
      throwsNow(() => Job.with(Done({ n: 1, from: "", output: 0, by: "" }) as Any, { priority: 1 }), "TYPE_MISMATCH");
    },
  },
  {
    law: 6,
    name: "bad input: a body that fails its schema: INVALID_MESSAGE with the fields, wherever it comes from",
    async run(trial) {
      const handle = await trial.runtime().launch(liar);
      for (const n of [-1, 1.5, "1", undefined] as Any[]) {
        const error = throwsNow(() => Checked({ n }), "INVALID_MESSAGE", `n ${n}`);
        deepEqual([error.details.type, error.details.issues[0]?.path], ["Checked", ["n"]], "type and field");
        throwsNow(() => Checked.parse({ n }), "INVALID_MESSAGE", `parse n ${n}`);
        const lookAlike = { type: "Checked", n } as Any;
        await rejects(handle.send(lookAlike), "INVALID_MESSAGE", `send n ${n}`);
        await rejects(handle.send(lookAlike, { timeout: 0 }), "INVALID_MESSAGE", "send with a time-out");
        await rejects(handle.request(lookAlike), "INVALID_MESSAGE", `request n ${n}`);
      }
      await rejects(handle.send({ type: "Checked", n: 1, priority: 256 } as Any), "INVALID_MESSAGE", "wrong priority");
      await rejects(handle.send({ type: "Checked", n: 1, messageId: "x" } as Any), "INVALID_MESSAGE", "wrong id");
      await counts(handle, { input: { accepted: 0, queued: 0 }, rejected: 0 }, "nothing is enqueued");
    },
  },
  {
    law: 6,
    name: "bad input: a look-alike whose fields are right is sent as a message",
    async run(trial) {
      const handle = await trial.runtime().start(liar);
      const { messageId } = Checked({ n: 9 });
      const answer = await handle.request({ type: "Checked", n: 9, messageId, priority: 3 } as Any, {
        ...soon,
      });
      deepEqual([answer.n, answer.correlationId], [9, messageId], "answer");
    },
  },
  {
    law: 6,
    name: "bad input: a body with a header's name: INVALID_MESSAGE",
    async run() {
      for (const name of ["type", "messageId", "priority", "correlationId"]) {
        throwsNow(() => Pong({ [name]: 5 } as Any), "INVALID_MESSAGE", name);
      }
    },
  },
  {
    law: 6,
    name: "bad input: an asynchronous schema: INVALID_ARGUMENT where it is defined, or where it shows",
    async run() {
      const schema = (validate: (value: unknown) => unknown) =>
        ({ "~standard": { version: 1, vendor: "test", validate } }) as Any;
      throwsNow(
        () =>
          defineMessage(
            "Slow",
            schema(async (value) => ({ value })),
          ),
        "INVALID_ARGUMENT",
        "always asynchronous",
      );
      const rejecting = schema(() => Promise.reject(new Error("no")));
      throwsNow(() => defineMessage("Rejecting", rejecting), "INVALID_ARGUMENT", "always rejecting");
      const sometimes = schema((value) => (value === undefined ? { issues: [] } : Promise.resolve({ value })));
      const Sometimes = defineMessage("Sometimes", sometimes) as Any;
      throwsNow(() => Sometimes({ n: 1 }), "INVALID_ARGUMENT", "asynchronous for a real value");
    },
  },
  {
    law: 6,
    name: "bad input: what is no message type: INVALID_ARGUMENT",
    async run() {
      for (const name of ["", undefined, 5] as Any[])
        throwsNow(() => defineMessage(name), "INVALID_ARGUMENT", `name ${name}`);
      for (const schema of [{}, 5, "x", () => {}] as Any[]) {
        throwsNow(() => defineMessage("Wrong", schema), "INVALID_ARGUMENT", "a body that is no schema");
      }
    },
  },
  {
    law: 6,
    name: "bad input: a message of another type, or none: TYPE_MISMATCH, and nothing is enqueued",
    async run(trial) {
      const runtime = trial.runtime() as Any;
      const handle = await runtime.launch(worker);
      for (const wrong of [
        Pong(),
        Done({ n: 1, from: "", output: 0, by: "" }),
        {},
        { type: "Nobody" },
        null,
        5,
        "Job",
        [],
      ]) {
        for (const [call, attempt] of Object.entries<() => unknown>({
          send: () => handle.send(wrong),
          "send with a time-out": () => handle.send(wrong, { timeout: 5 }),
          request: () => handle.request(wrong),
          "runtime.send": () => runtime.send("worker", wrong),
        })) {
          const error = await throws(attempt, "TYPE_MISMATCH", `${call} ${JSON.stringify(wrong)}`);
          deepEqual([error.details.wanted, error.kernelId], [["Job"], "worker"], "what was wanted, and where");
        }
      }
      const named = await rejects(handle.send(Pong()), "TYPE_MISMATCH");
      equal(named.details.got, "Pong", "what it got");
      await counts(handle, { input: { accepted: 0 }, rejected: 0 });
    },
  },
  {
    law: 6,
    name: "bad input: a kernel without input takes nothing",
    async run(trial) {
      const runtime = trial.runtime() as Any;
      const handle = await runtime.launch(source);
      const error = await rejects(handle.send(Job({ n: 1 })), "TYPE_MISMATCH", "send");
      deepEqual(error.details.wanted, [], "what was wanted");
    },
  },
];
