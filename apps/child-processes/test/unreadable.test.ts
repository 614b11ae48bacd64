import { childProcesses } from "@ringline/child-processes";
import { type AnyRinglineError, createRuntime, type DeadLetter } from "@ringline/core";
import { afterAll, expect, test, vi } from "vitest";
import { forgetful, Job, peculiar } from "./kernels/forgetful.mjs";

afterAll(() => vi.unstubAllGlobals());

const program = () => {
  const runtime = createRuntime({ backend: childProcesses() });
  const told: AnyRinglineError[] = [];
  const deadLetters: DeadLetter[] = [];
  runtime.on("error", (error) => told.push(error));
  runtime.on("deadLetter", (deadLetter) => deadLetters.push(deadLetter));
  return { runtime, told, letters: deadLetters };
};

test("a message that a child cannot read ends its request at once, and costs nothing else", async () => {
  const { runtime, told, letters: deadLetters } = program();
  await using _ = runtime;
  const kernel = await runtime.start(forgetful);
  const unreadable = Job({ value: new DOMException("stopped", "AbortError") }, { priority: 200 });
  await expect(runtime.request(kernel, unreadable)).rejects.toMatchObject({
    code: "SERIALIZATION",
    messageId: unreadable.messageId,
  });
  expect(await runtime.request(kernel, Job({ value: 7 }))).toMatchObject({ value: "7" });
  expect(deadLetters).toMatchObject([{ reason: "SERIALIZATION", kernelId: "forgetful", attempts: 0 }]);
  expect(deadLetters[0]?.message).toMatchObject({ type: "Job", messageId: unreadable.messageId, priority: 200 });
  expect(told).toMatchObject([{ code: "SERIALIZATION" }]);
  const ledger = { accepted: 2, done: 1, deadLettered: 1, queued: 0, inHand: 0 };
  await expect.poll(async () => (await runtime.telemetry(kernel)).ledger.input).toMatchObject(ledger);
});

test("an answer of a child that cannot be read is a dead letter, and so is what an output was made of", async () => {
  const { runtime, letters: deadLetters } = program();
  await using _ = runtime;
  const kernel = await runtime.start(peculiar);
  vi.stubGlobal("DOMException", undefined);
  await expect(runtime.request(kernel, Job({ value: "odd" }))).rejects.toMatchObject({ code: "SERIALIZATION" });
  expect(deadLetters).toMatchObject([{ reason: "SERIALIZATION", kernelId: "peculiar", message: { type: "Job" } }]);
  const sent = Job({ value: "odd" }, { priority: 9 });
  await runtime.send(kernel, sent);
  await expect.poll(() => deadLetters.length).toBe(2);
  expect(deadLetters[1]).toMatchObject({ reason: "SERIALIZATION", kernelId: "peculiar" });
  expect(deadLetters[1]?.message).toMatchObject({ type: "Job", messageId: sent.messageId, priority: 9 });
  expect(await runtime.request(kernel, Job({ value: 8 }))).toMatchObject({ value: 8 });
});
