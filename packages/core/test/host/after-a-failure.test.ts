import { expect, test } from "vitest";
import { body, defineKernel, defineMessage, pipeline } from "../../src/index.js";
import { all, N, watched } from "../support/flow-kit.js";

const Total = defineMessage("Total", body<{ readonly total: number }>());

test.each(["commit", "immediate"] as const)(
  "what is sent later is not caused by the message that failed: %s",
  async (effects) => {
    let total = 0;
    const sum = defineKernel({
      id: "sum",
      input: N,
      output: Total,
      supervise: { effects },
      handle({ n }, ctx) {
        ctx.onFlush(() => ctx.send(Total({ total })));
        if (n === 2) throw new Error("two");
        total += n;
        return undefined;
      },
    });
    const { runtime, letters: deadLetters } = watched();
    const flow = await runtime.run(pipeline("p").stage(sum));
    const out = await all(flow.process([1, 2].map((n) => N({ n }))));
    expect(out.at(-1)).toMatchObject({ total: 1, correlationId: null });
    expect(deadLetters.map(({ message }) => (message as N).n)).toEqual([2]);
  },
);
