import { pipeline } from "@ringline/core";
import { deepEqual, equal, PATIENCE, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { forward } from "../../kernels/line.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler, looper } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range } from "../../support/handle.js";

const fatal = { onError: "fail" } as const;
const tasks = (count: number, bad: number) => range(count).map((n) => Task({ n, ...(n === bad && { fail: "fatal" }) }));

/** Topologies in which the second of two stages, or the only one, fails for good. */
const lines = {
  "the only stage": () => pipeline("dead").stage(handler, fatal),
  "the only stage, a loop": () => pipeline("dead").stage(looper),
  "the second stage": () => pipeline("dead").stage(forward).stage(handler, fatal),
  "a stage of a nested pipeline": () => pipeline("dead").stage(pipeline("inner").stage(handler, fatal)).stage(passer),
  "the worker of a key": () => pipeline("dead").stage(handler, { ...fatal, workers: 2, by: ({ n }) => n }),
} as const;

const deadStages: readonly Case[] = Object.entries(lines).flatMap(([where, line]) =>
  [1, 5, 300].map(
    (count): Case => ({
      law: 6,
      name: `flow: ${where} fails for good: process rejects, ${count} input(s)`,
      async run(trial) {
        const flow = await trial.runtime().run(line());
        await rejects(outputsOf(flow, tasks(count, Math.min(2, count - 1))), "KERNEL_FAILED", "process");
        await rejects(outputsOf(flow, []), "KERNEL_FAILED", "process of nothing, afterwards");
      },
    }),
  ),
);

const deadReceivers: readonly Case[] = Object.entries(lines).map(
  ([where, line]): Case => ({
    law: 6,
    name: `flow: ${where} fails for good: receive gives the outputs there are, then rejects`,
    async run(trial) {
      const flow = await trial.runtime().run(line());
      for (const task of tasks(2, 1)) await flow.send(task);
      equal((await flow.receive(soon)).n, 0, "the output of the input before");
      await rejects(flow.receive(), "KERNEL_FAILED", "receive, with nothing in flight");
      await rejects(flow.receive(soon), "KERNEL_FAILED", "a later receive");
    },
  }),
);

export const flowEnds: readonly Case[] = [
  ...deadStages,
  ...deadReceivers,
  {
    law: 6,
    name: "flow: while another worker of the stage lives, process goes on",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("lame").stage(handler, { ...fatal, workers: 2 }));
      const outputs = await outputsOf(flow, tasks(30, 4));
      deepEqual([outputs.length < 30, flow.deadLetters.size > 0], [true, true], "some of them missing, and told");
    },
  },
  {
    law: 6,
    name: "flow: a source may be an iterable of promises; what one rejects with comes as it is, and closes it",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("promised").stage(handler));
      const promised = range(5).map((n) => (n % 2 === 0 ? Promise.resolve(Task({ n })) : Task({ n })));
      const outputs = await outputsOf(flow, promised as Iterable<Task>);
      deepEqual(
        outputs.map(({ n }) => n),
        range(5),
        "outputs",
      );
      const mine = new RangeError("mine");
      let closed = 0;
      function* failing() {
        try {
          yield Promise.resolve(Task({ n: 1 }));
          yield Promise.reject(mine);
        } finally {
          closed++;
        }
      }
      const thrown = await outputsOf(flow, failing() as unknown as Iterable<Task>).catch((error: unknown) => error);
      equal(thrown, mine, "what process throws");
      equal(closed, 1, "times that the source was closed");
    },
  },
  {
    law: 6,
    name: "flow: what the source's return() throws comes out of the loop as it is, and the flow works on",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("unfriendly").stage(handler));
      const mine = new RangeError("mine");
      const unfriendly = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false as const, value: Task({ n: 1 }) }),
          return: () => {
            throw mine;
          },
        }),
      };
      const leave = async () => {
        for await (const _ of flow.process(unfriendly)) break;
      };
      equal(await within(PATIENCE, leave(), "the loop").catch((error: unknown) => error), mine, "what the loop throws");
      deepEqual(trial.errors, [], "error events");
      equal((await outputsOf(flow, [Task({ n: 2 })]))[0]?.n, 2, "output of the next source");
    },
  },
  {
    law: 6,
    name: "flow: a write that is refused rejects by itself, those before it have resolved",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("written").stage(handler));
      const { readable, writable } = flow.streams();
      const reading = (async () => {
        for await (const _ of readable as unknown as AsyncIterable<unknown>);
      })();
      const writer = writable.getWriter();
      writer.closed.catch(() => {});
      for (const n of range(3)) await within(PATIENCE, writer.write(Task({ n })), "a write");
      const wrong = { type: "Unknown" } as unknown as Task;
      await rejects(writer.write(wrong), "TYPE_MISMATCH", "the write that is refused");
      await rejects(writer.write(Task({ n: 4 })), "TYPE_MISMATCH", "a write behind it");
      await rejects(reading, "TYPE_MISMATCH", "the reader");
    },
  },
];
