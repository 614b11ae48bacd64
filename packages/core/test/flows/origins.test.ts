import { expect, test } from "vitest";
import { body, defineMessage, graph, pipeline } from "../../src/index.js";
import { all, N, numbers, plus, range, stage, watched } from "../support/flow-kit.js";

/** An output that names another cause, made when the body is no longer in its synchronous part. */
const foreign = stage("foreign", async ({ n }) => {
  for (let i = 0; i < (n % 3) * 5; i++) await undefined;
  return N({ n }, { correlationId: N({ n }).messageId });
});
const Pair = defineMessage("Pair", body<{ readonly x: N; readonly y: N }>());

test("an output with a cause of its own comes from the input in hand", async () => {
  const { runtime, letters: deadLetters } = watched();
  const flow = await runtime.run(pipeline("p").stage(foreign, { workers: 3 }).stage(plus("a", 0)));
  expect((await flow.request(N({ n: 1 }))).n).toBe(1);
  expect((await all(flow.process(numbers(30)))).map(({ n }) => n)).toEqual(range(30));
  expect(deadLetters).toEqual([]);
});

test("a join finds its input", async () => {
  const { runtime } = watched();
  const flow = await runtime.run(
    graph("g", N, (input, { join }) =>
      join(Pair, { x: input.stage(foreign), y: input.stage(plus("b", 0)) }, { timeout: 60_000 }),
    ),
  );
  expect((await flow.request(N({ n: 1 }))).x.n).toBe(1);
});

test("the answer of another kernel may be handed on as a result", async () => {
  const { runtime } = watched();
  const other = await runtime.start(plus("other", 10));
  const flow = await runtime.run(pipeline("p").stage(stage("asks", ({ n }) => other.request(N({ n })))));
  expect((await flow.request(N({ n: 1 }))).n).toBe(11);
});
