import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range, tasks } from "../../support/handle.js";

const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);
const line = (name: string) => pipeline(name).stage(handler).stage(passer);

/** Flows are isolated: the failure or end of one affects no other. */
export const flows: readonly Case[] = [
  {
    law: 11,
    name: "flow: an input that fails is the only one",
    async run(trial) {
      const flow = await trial.runtime().run(line("line"));
      const inputs = range(100).map((n) => (n === 31 ? Task({ n, fail: "on purpose" }) : Task({ n })));
      const seen = numbers(await outputsOf(flow, inputs));
      deepEqual(
        seen,
        range(100).filter((n) => n !== 31),
        "outputs",
      );
      equal(flow.deadLetters.size, 1, "dead letters");
    },
  },
  {
    law: 11,
    name: "flow: a stage that fails for good ends its flow, and no other flow of the same kernels",
    async run(trial) {
      const runtime = trial.runtime();
      const failing = pipeline("failing").stage(handler, { onError: "fail" }).stage(passer);
      const [bad, good] = [await runtime.run(failing), await runtime.run(line("good"))];
      const failed = outputsOf(bad, [Task({ n: 0, fail: "on purpose" })]).catch((error) => error.code);
      const seen = outputsOf(good, tasks(100));
      equal(await failed, "KERNEL_FAILED", "the failing flow");
      deepEqual(numbers(await seen), range(100), "outputs of the other");
      deepEqual(numbers(await outputsOf(good, tasks(10))), range(10), "its outputs afterwards");
      equal(good.deadLetters.size, 0, "dead letters of the other");
    },
  },
  {
    law: 11,
    name: "flow: leaving one process discards what is in flight there, and nothing of another flow",
    async run(trial) {
      const runtime = trial.runtime();
      const [left, kept] = [await runtime.run(line("left")), await runtime.run(line("kept"))];
      const seen = outputsOf(kept, tasks(200));
      const leave = async () => {
        for await (const _ of left.process(tasks(200))) break;
      };
      await within(PATIENCE, leave(), "the loop that is left");
      deepEqual(numbers(await seen), range(200), "outputs of the other");
      equal(kept.deadLetters.size, 0, "dead letters of the other");
    },
  },
  {
    law: 11,
    name: "flow: a source that throws ends its own process, and the flow is free for the next",
    async run(trial) {
      const runtime = trial.runtime();
      const [bad, good] = [await runtime.run(line("bad")), await runtime.run(line("good"))];
      const broken = function* () {
        yield Task({ n: 0 });
        throw new RangeError("the source is broken");
      };
      const failed = outputsOf(bad, broken()).catch((error) => error);
      deepEqual(numbers(await outputsOf(good, tasks(50))), range(50), "outputs of the other");
      ok((await within(PATIENCE, failed, "process")) instanceof RangeError, "the error of the source");
      deepEqual(numbers(await outputsOf(bad, tasks(50))), range(50), "outputs of the next process");
    },
  },
  {
    law: 11,
    name: "flow: one whose outputs nobody reads holds up no other",
    async run(trial) {
      const runtime = trial.runtime();
      const [full, free] = [await runtime.run(line("full"), { maxInFlight: 4 }), await runtime.run(line("free"))];
      const stuck = full.process(tasks(100));
      await within(PATIENCE, stuck.next(), "the first output");
      deepEqual(numbers(await outputsOf(free, tasks(300))), range(300), "outputs of the other");
      await within(PATIENCE, stuck.return(undefined), "leaving");
    },
  },
  {
    law: 11,
    name: "flow: the end of one ends no other, and the kernels outside stay",
    async run(trial) {
      const runtime = trial.runtime();
      const own = await runtime.start(handler);
      const [one, two] = [await runtime.run(line("one")), await runtime.run(line("two"))];
      await within(PATIENCE, one.terminate(), "terminate");
      deepEqual(numbers(await outputsOf(two, tasks(20))), range(20), "outputs of the other");
      equal((await own.request(Task({ n: 1 }), soon)).n, 1, "answer of a kernel outside");
    },
  },
];
