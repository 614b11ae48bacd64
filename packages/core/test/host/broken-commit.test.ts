import { expect, test } from "vitest";
import { type Backpressure, defineKernel } from "../../src/index.js";
import { type N as Message, N, numbers, watched } from "../support/flow-kit.js";

const pairs = defineKernel({
  id: "batches",
  input: N,
  output: N,
  supervise: { effects: "commit" },
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 4, linger: 60_000 })) {
      for (const message of batch) await ctx.send(N({ n: message.n }, { replyTo: message }));
    }
  },
});

/** A batch of four whose outputs find room for two. */
async function brokenCommit(backpressure: Backpressure) {
  const { runtime, letters: deadLetters } = watched();
  const next = defineKernel({ id: "next", input: N, handle() {}, queueSize: 2, backpressure });
  await runtime.launch(pairs);
  await runtime.launch(next);
  await runtime.connect(pairs, next);
  for (const message of numbers(4)) await runtime.send(pairs, message);
  return { runtime, next, lettersOf: () => deadLetters.map(({ message }) => (message as Message).n) };
}

test("what a batch has sent before the next kernel refused is done, the rest is dead-lettered", async () => {
  const { runtime, next, lettersOf } = await brokenCommit("reject");
  const failed = new Promise((resolve) => runtime.on("error", resolve));
  await runtime.activate(pairs);
  await failed;
  await expect.poll(lettersOf).toEqual([2, 3]);
  expect((await runtime.telemetry(next)).ledger.input.queued).toBe(2);
  const { ledger } = await runtime.telemetry(pairs);
  expect(ledger.input).toMatchObject({ accepted: 4, done: 2, deadLettered: 2, inHand: 0 });
});

test("what a batch has sent before it was ended is done, the rest is dead-lettered", async () => {
  const { runtime, next, lettersOf } = await brokenCommit("block");
  await runtime.activate(pairs);
  await expect.poll(async () => (await runtime.telemetry(next)).ledger.input.queued).toBe(2);
  await runtime.terminate(pairs, { timeout: 0 });
  expect(lettersOf()).toEqual([2, 3]);
});
