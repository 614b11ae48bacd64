import { type AnyRinglineError, createRuntime, type DeadLetter } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { expect, test } from "vitest";
import { forgetful, Job } from "../kernels/forgetful.mjs";

test("a message that its thread cannot read ends its request at once, and costs nothing else", async () => {
  await using runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  const told: AnyRinglineError[] = [];
  const deadLetters: DeadLetter[] = [];
  runtime.on("error", (error) => told.push(error));
  runtime.on("deadLetter", (deadLetter) => deadLetters.push(deadLetter));
  const kernel = await runtime.start(forgetful);
  const ask = (value: unknown) => runtime.request(kernel, Job({ value }));

  const unreadable = Job({ value: new DOMException("stopped", "AbortError") }, { priority: 200 });
  await expect(runtime.request(kernel, unreadable)).rejects.toMatchObject({
    code: "SERIALIZATION",
    messageId: unreadable.messageId,
  });
  expect(await ask(7)).toMatchObject({ value: "7" });
  expect(deadLetters).toMatchObject([{ reason: "SERIALIZATION", kernelId: "forgetful" }]);
  expect(deadLetters[0]?.message).toMatchObject({ type: "Job", messageId: unreadable.messageId, priority: 200 });
  expect(told).toMatchObject([{ code: "SERIALIZATION" }]);
  const { ledger } = await runtime.telemetry(kernel);
  expect(ledger.input).toMatchObject({ accepted: 2, done: 1, deadLettered: 1, queued: 0, inHand: 0 });
});
