import { pipeline } from "@ringline/core";
import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { keyedCount, keyedStore } from "../../kernels/moving.js";
import { range } from "../../support/handle.js";

/** A state by key counts with the messages that led to it, and outlives an incarnation. */
export const stateByKey: readonly Case[] = [
  {
    law: 9,
    name: "state by key: values are set, deleted and listed, and a message that fails changes none",
    async run(trial) {
      const store = await trial.runtime().start(keyedStore);
      const told = [];
      for (const task of [Task({ n: 1 }), Task({ n: 12 }), Task({ n: 31 }), Task({ n: 2, outputs: 0 })]) {
        told.push((await store.request(task, soon)).by);
      }
      await rejects(store.request(Task({ n: 5, fail: "no" }), soon), "KERNEL_FAILED");
      await rejects(store.request(Task({ n: 1, outputs: 0, fail: "no" }), soon), "KERNEL_FAILED");
      told.push((await store.request(Task({ n: 7 }), soon)).by);
      deepEqual(told, ["1: 1=1", "2: 1=1 2=12", "2: 1=31 2=12", "1: 1=31", "2: 1=31 7=7"], "states");
    },
  },
  {
    law: 9,
    name: "state by key: other code goes on with it",
    async run(trial) {
      const runtime = trial.runtime();
      const store = await runtime.start(keyedStore);
      for (const n of [1, 2, 13]) await store.request(Task({ n }), soon);
      await store.request(Task({ n: 2, outputs: 0 }), soon);
      await runtime.swap(store, keyedStore);
      equal((await store.request(Task({ n: 4 }), soon)).by, "3: 1=1 3=13 4=4", "state");
    },
  },
  {
    law: 9,
    name: "state by key: a key belongs to the worker that `by` gives it",
    async run(trial) {
      const runtime = trial.runtime();
      const stages = pipeline("owned").stage(keyedStore, { workers: 3, by: () => "always the same" });
      const flow = await runtime.run(stages);
      for (const n of range(10)) await flow.send(Task({ n }));
      await flow.drain();
      const reasons = flow.deadLetters
        .peek()
        .map(({ error }) => (error.cause as { code?: string })?.code ?? error.code);
      equal(reasons.length > 0, true, "some keys belong to others");
      equal(new Set(reasons).size, 1, "reasons");
      await rejects(
        Promise.resolve().then(() => pipeline("none").stage(keyedCount, { workers: 2 })),
        "INVALID_ARGUMENT",
        "workers without `by`",
      );
    },
  },
];
