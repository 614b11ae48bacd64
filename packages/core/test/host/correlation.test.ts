import { describe, expect, test } from "vitest";
import { type AnyKernel, body, createRuntime, defineKernel, defineMessage, type MessageOf } from "../../src/index.js";
import { local } from "../support/local-backend.js";

const Question = defineMessage("Question", body<{ n: number }>());
const Answer = defineMessage("Answer", body<{ n: number }>());
const elsewhere = "018f5a3e-7c1b-7d2e-9f3a-0123456789ab";
const question = Question({ n: 1 }, { priority: 9 });
const io = { input: Question, output: Answer } as const;

/** Sends the question and gives all answers, of which there are so many. */
async function answers(kernel: AnyKernel, count = 1): Promise<MessageOf<typeof Answer>[]> {
  await using runtime = createRuntime({ backend: local() });
  await runtime.start(kernel);
  await runtime.send(kernel.id, question);
  const received: MessageOf<typeof Answer>[] = [];
  while (received.length < count) received.push(Answer.parse(await runtime.receive(kernel.id)));
  return received;
}

describe("what a kernel sends is correlated with the message it works on", () => {
  test("returned by `handle`, one or several", async () => {
    const kernel = defineKernel({ id: "k", ...io, handle: ({ n }) => [Answer({ n }), Answer({ n: n + 1 })] });
    const [first, second] = await answers(kernel, 2);
    expect([first?.correlationId, second?.correlationId]).toEqual([question.messageId, question.messageId]);
    expect(first?.priority).toBe(9);
  });

  test("made after an await", async () => {
    const kernel = defineKernel({
      id: "k",
      ...io,
      async handle({ n }) {
        await undefined;
        return Answer({ n });
      },
    });
    expect((await answers(kernel))[0]?.correlationId).toBe(question.messageId);
  });

  test("sent by `run`", async () => {
    const kernel = defineKernel({
      id: "k",
      ...io,
      async run(ctx) {
        for await (const { n } of ctx) await ctx.send(Answer({ n }));
      },
    });
    expect((await answers(kernel))[0]?.correlationId).toBe(question.messageId);
  });

  test("unless it says otherwise", async () => {
    const kernel = defineKernel({ id: "k", ...io, handle: ({ n }) => Answer({ n }, { correlationId: elsewhere }) });
    expect((await answers(kernel))[0]?.correlationId).toBe(elsewhere);
  });

  test("and has its priority, also with another cause, unless a priority is named", async () => {
    const kernel = defineKernel({
      id: "k",
      ...io,
      async handle({ n }) {
        await undefined;
        return [Answer({ n }), Answer({ n }, { correlationId: elsewhere }), Answer({ n }, { priority: 128 })];
      },
    });
    expect((await answers(kernel, 3)).map(({ priority }) => priority).sort()).toEqual([128, 9, 9]);
  });

  test("in batches: with the highest priority of the batch", async () => {
    const kernel = defineKernel({
      id: "k",
      ...io,
      async run(ctx) {
        for await (const batch of ctx.batches({ max: 3, linger: 1000 })) await ctx.send(Answer({ n: batch.length }));
      },
    });
    await using runtime = createRuntime({ backend: local() });
    const handle = await runtime.start(kernel);
    for (const priority of [5, 200, 7, 1, 2, 3]) await handle.send(Question({ n: priority }, { priority }));
    expect(await handle.receive()).toMatchObject({ n: 3, priority: 200 });
    expect(await handle.receive()).toMatchObject({ n: 3, priority: 3 });
  });

  test("and `replyTo` hands on the priority as well", async () => {
    const kernel = defineKernel({ id: "k", ...io, handle: (asked) => Answer({ n: asked.n }, { replyTo: asked }) });
    expect(await answers(kernel)).toMatchObject([{ correlationId: question.messageId, priority: 9 }]);
  });
});

test("what is made outside a body has no cause, also while kernels run", async () => {
  const kernel = defineKernel({ id: "k", ...io, handle: ({ n }) => Answer({ n }) });
  await answers(kernel);
  expect(Question({ n: 2 }).correlationId).toBeNull();
});
