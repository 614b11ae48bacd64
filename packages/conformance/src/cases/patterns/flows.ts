import { body, defineMessage, graph, pipeline } from "@ringline/core";
import { deepEqual, equal, ok, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { type Result, Task } from "../../kernels/messages.js";
import {
  diamond as coordinator,
  Merged,
  Question,
  stageA,
  stageB,
  stageC,
  stageD,
} from "../../kernels/patterns/diamond.js";
import { aggregator, totalizer } from "../../kernels/patterns/fan.js";
import { compute, computeLoop, preprocess, preprocessLoop, RawData } from "../../kernels/patterns/statistics.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range, tasks } from "../../support/handle.js";

const Results = defineMessage("Results", body<{ readonly items: readonly Result[] }>());
const rows = range(40).map((n) => RawData({ values: range(n + 2) }));
const total = (text: string) => 2 * text.length + text.length ** 2;

/** Runs A, then B and C concurrently, then D with both results. */
const diamond = graph("diamond", Question, (question, { join }) => {
  const a = question.stage(stageA);
  const branches = { b: a.stage(stageB), c: a.stage(stageC, { workers: 2, order: "unordered" }) };
  const into = ({ b, c }: { b: { doubled: number }; c: { squared: number } }) =>
    Merged({ doubled: b.doubled, squared: c.squared });
  return join(into, branches, { timeout: 60_000 }).stage(stageD);
});

export const flows: readonly Case[] = [
  ...[
    { line: pipeline("functions").stage(preprocess).stage(compute), bodies: "functions" },
    { line: pipeline("loops").stage(preprocessLoop).stage(computeLoop, { workers: 2 }), bodies: "loops" },
  ].map(
    ({ line, bodies }): Case => ({
      law: 8,
      name: `pattern, pipeline as a flow of ${bodies}: a stream in, a stream out`,
      async run(trial) {
        const flow = await trial.runtime().run(line);
        const outputs = await outputsOf(flow, rows);
        ok(
          outputs.every(({ result }) => Math.abs(result - 0.5) < 1e-9),
          "means",
        );
        equal(outputs.length, rows.length, "outputs");
        ok(Math.abs((await flow.request(RawData({ values: [1, 2, 3] }), soon)).result - 0.5) < 1e-9, "answer");
      },
    }),
  ),
  {
    law: 8,
    name: "pattern, diamond as a flow: the branches of each question meet again",
    async run(trial) {
      const flow = await trial.runtime().run(diamond);
      const texts = range(60).map((n) => "x".repeat(n));
      const outputs = await outputsOf(
        flow,
        texts.map((text) => Question({ text })),
      );
      deepEqual(
        outputs.map((output) => output.total).sort((a, b) => a - b),
        texts.map(total),
        "totals",
      );
      const answers = await Promise.all(texts.map((text) => flow.request(Question({ text }), soon)));
      deepEqual(
        answers.map((answer) => answer.total),
        texts.map(total),
        "answers",
      );
    },
  },
  {
    law: 8,
    name: "pattern, a coordinator as a stage: it asks kernels beside the flow",
    async run(trial) {
      const runtime = trial.runtime();
      for (const stage of [stageA, stageB, stageC, stageD]) await runtime.start(stage as typeof stageA);
      const flow = await runtime.run(pipeline("coordinated").stage(coordinator, { workers: 3 }));
      const texts = range(30).map((n) => "y".repeat(n));
      const outputs = await outputsOf(
        flow,
        texts.map((text) => Question({ text })),
      );
      deepEqual(
        outputs.map((output) => output.total),
        texts.map(total),
        "totals",
      );
    },
  },
  {
    law: 8,
    name: "pattern, fan-out and fan-in as a flow: three workers, then batches, flushed at the end",
    async run(trial) {
      const line = pipeline("fan").stage(handler, { workers: 3 }).batch(Results, { max: 10 });
      const flow = await trial.runtime().run(line);
      const batches = (await outputsOf(flow, tasks(34))).map(({ items }) => items.map(({ n }) => n));
      deepEqual(batches, [range(10), range(20, 10), range(30, 20), range(34, 30)], "batches");
    },
  },
  {
    law: 8,
    name: "pattern, fan-in by a loop that takes batches: nothing is left behind at the end",
    async run(trial) {
      const line = pipeline("aggregating").stage(handler, { workers: 3 }).stage(aggregator);
      const flow = await trial.runtime().run(line);
      const summaries = await outputsOf(flow, tasks(34));
      equal(
        summaries.reduce((sum, { count }) => sum + count, 0),
        34,
        "results summed up",
      );
      equal(
        summaries.reduce((sum, { total }) => sum + total, 0),
        (33 * 34) / 2,
        "total",
      );
    },
  },
  {
    law: 8,
    name: "flow: a flush travels behind the data, through what it stirs up, with process and with drain",
    async run(trial) {
      const line = pipeline("totals").stage(handler, { workers: 2 }).stage(totalizer, { workers: 2 });
      const flow = await trial.runtime().run(line);
      const summaries = await outputsOf(flow, tasks(100));
      equal(summaries.length, 2, "summaries");
      equal(
        summaries.reduce((sum, { count }) => sum + count, 0),
        100,
        "results summed up",
      );
      await flow.send(Task({ n: 5 }));
      await flow.drain(soon);
      const drained = [await flow.receive(soon), await flow.receive(soon)];
      equal(
        drained.reduce((sum, { total }) => sum + total, 0),
        5,
        "total after drain",
      );
    },
  },
  {
    law: 8,
    name: "flow: a rate is kept by all workers together",
    async run(trial) {
      // each worker takes two a second, the first one at once: the third one after a second
      const flow = await trial.runtime().run(pipeline("paced").stage(handler, { workers: 2, rate: 4 }));
      const start = performance.now();
      for (const task of tasks(6)) await flow.send(task);
      for (const n of range(6)) equal((await flow.receive(soon)).n, n, "output");
      const lasted = performance.now() - start;
      ok(lasted > 950, `six messages at four a second, by two workers, took ${lasted} ms`);
    },
  },
  {
    law: 8,
    name: "flow: a nested pipeline is a stage; names say where",
    async run(trial) {
      const runtime = trial.runtime();
      const inner = pipeline("inner").stage(passer, { workers: 2 }).stage(passer, { name: "again" });
      const flow = await runtime.run(pipeline("outer").stage(handler).stage(inner));
      const outputs = await outputsOf(flow, tasks(20));
      deepEqual(
        outputs.map(({ n }) => n),
        range(20),
        "outputs",
      );
      const ids = runtime.kernels.map(({ id }) => id).sort();
      deepEqual(
        ids,
        ["outer.handler", "outer.inner/again", "outer.inner/passer_0", "outer.inner/passer_1"],
        "ids of the kernels",
      );
    },
  },
  {
    law: 8,
    name: "flow: its stages run on several backends",
    async run(trial) {
      const runtime = trial.across(["here", "there"]);
      const line = pipeline("mixed")
        .stage(handler, { backend: "here" })
        .stage(passer, { backend: "there", workers: 3 })
        .stage(passer, { backend: "here", name: "back" });
      const flow = await runtime.run(line);
      const outputs = await outputsOf(flow, tasks(200));
      deepEqual(
        outputs.map(({ n }) => n),
        range(200),
        "outputs",
      );
      equal((await flow.request(Task({ n: 7 }), soon)).n, 7, "answer");
    },
  },
];
