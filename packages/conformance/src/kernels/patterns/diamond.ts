import { body, defineKernel, defineMessage } from "@ringline/core";
import { soon } from "../../patience.js";

const module = import.meta.url;

export const Question = defineMessage("Question", body<{ readonly text: string }>());
export const A = defineMessage("A", body<{ readonly score: number }>());
export const B = defineMessage("B", body<{ readonly doubled: number }>());
export const C = defineMessage("C", body<{ readonly squared: number }>());
export const Merged = defineMessage("Merged", body<{ readonly doubled: number; readonly squared: number }>());
export const Final = defineMessage("Final", body<{ readonly total: number }>());

export const stageA = defineKernel({
  id: "stage_a",
  module,
  input: Question,
  output: A,
  handle: ({ text }) => A({ score: text.length }),
});
export const stageB = defineKernel({
  id: "stage_b",
  module,
  input: A,
  output: B,
  handle: ({ score }) => B({ doubled: score * 2 }),
});
export const stageC = defineKernel({
  id: "stage_c",
  module,
  input: A,
  output: C,
  handle: ({ score }) => C({ squared: score ** 2 }),
});
export const stageD = defineKernel({
  id: "stage_d",
  module,
  input: Merged,
  output: Final,
  handle: ({ doubled, squared }) => Final({ total: doubled + squared }),
});

/** Runs A, then B and C concurrently, then D with both results. */
export const diamond = defineKernel({
  id: "diamond",
  module,
  input: Question,
  output: Final,
  peers: { a: stageA, b: stageB, c: stageC, d: stageD },
  async run(ctx) {
    for await (const question of ctx) {
      const fromA = await ctx.peers.a.request(question, soon);
      const [b, c] = await Promise.all([ctx.peers.b.request(fromA, soon), ctx.peers.c.request(fromA, soon)]);
      const { total } = await ctx.peers.d.request(Merged({ doubled: b.doubled, squared: c.squared }), soon);
      await ctx.send(Final({ total }, { replyTo: question }));
    }
  },
});
