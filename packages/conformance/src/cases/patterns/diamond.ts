import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { diamond, Merged, Question, stageA, stageB, stageC, stageD } from "../../kernels/patterns/diamond.js";
import { range } from "../../support/handle.js";

const total = (text: string) => 2 * text.length + text.length ** 2;

export const diamonds: readonly Case[] = [
  {
    law: 8,
    name: "pattern, diamond: A feeds B and C, D gets both",
    async run(trial) {
      const runtime = trial.runtime();
      for (const stage of [stageA, stageB, stageC, stageD]) await runtime.start(stage as typeof stageA);
      const handle = await runtime.start(diamond);
      const question = Question({ text: "seven" });
      await handle.send(question);
      const final = await handle.receive(soon);
      equal(final.total, total("seven"), "total");
      equal(final.correlationId, question.messageId, "cause");
    },
  },
  {
    law: 8,
    name: "pattern, diamond: many at a time, each with its own branches",
    async run(trial) {
      const runtime = trial.runtime();
      for (const stage of [stageA, stageB, stageC, stageD]) await runtime.start(stage as typeof stageA);
      const copies = await Promise.all(range(3).map((i) => runtime.start(diamond.as(`diamond_${i}`))));
      const texts = range(60).map((n) => "x".repeat(n));
      const answers = await Promise.all(texts.map((text, n) => copies[n % 3]?.request(Question({ text }), soon)));
      deepEqual(
        answers.map((answer) => answer?.total),
        texts.map(total),
        "totals",
      );
    },
  },
  {
    law: 8,
    name: "pattern, diamond: broadcast to both branches, joined by the host",
    async run(trial) {
      const runtime = trial.runtime();
      const a = await runtime.start(stageA);
      const b = await runtime.start(stageB);
      const c = await runtime.start(stageC);
      const d = await runtime.start(stageD);
      await runtime.connect(a, b, { mode: "broadcast" });
      await runtime.connect(a, c, { mode: "broadcast" });
      for (const n of range(20)) await a.send(Question({ text: "y".repeat(n) }));
      for (const n of range(20)) {
        const [{ doubled }, { squared }] = await Promise.all([b.receive(soon), c.receive(soon)]);
        equal((await d.request(Merged({ doubled, squared }), soon)).total, total("y".repeat(n)), `total of ${n}`);
      }
    },
  },
];
