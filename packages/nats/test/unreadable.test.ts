import { fileURLToPath } from "node:url";
import { type AnyRinglineError, createRuntime, type DeadLetter } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { forgetful, Job, peculiar } from "./kernels/forgetful.mjs";

describe.skipIf(findServer() === undefined)("what one side cannot read", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let host: Awaited<ReturnType<typeof startHost>>;
  beforeAll(async () => {
    server = await startServer();
    host = await startHost(server.address, [fileURLToPath(new URL("kernels/forgetful.mjs", import.meta.url))]);
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await host.stop();
    await server.stop();
  });

  const program = () => {
    const runtime = createRuntime({ backend: nats({ servers: server.address }) });
    const told: AnyRinglineError[] = [];
    const deadLetters: DeadLetter[] = [];
    runtime.on("error", (error) => told.push(error));
    runtime.on("deadLetter", (deadLetter) => deadLetters.push(deadLetter));
    return { runtime, told, letters: deadLetters };
  };

  test("a message for a host ends its request at once, and costs nothing else", async () => {
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
    const { ledger } = await runtime.telemetry(kernel);
    expect(ledger.input).toMatchObject({ accepted: 2, done: 1, deadLettered: 1, queued: 0, inHand: 0 });
  });

  test("an answer or an output of a host is a dead letter with its header", async () => {
    const { runtime, told, letters: deadLetters } = program();
    await using _ = runtime;
    const kernel = await runtime.start(peculiar);
    expect(await runtime.request(kernel, Job({ value: 7 }))).toMatchObject({ value: 7 });
    vi.stubGlobal("DOMException", undefined);
    await expect(runtime.request(kernel, Job({ value: "odd" }))).rejects.toMatchObject({ code: "SERIALIZATION" });
    expect(deadLetters).toMatchObject([{ reason: "SERIALIZATION", kernelId: "peculiar", message: { type: "Job" } }]);
    const sent = Job({ value: "odd" }, { priority: 9 });
    await runtime.send(kernel, sent);
    await expect.poll(() => deadLetters.length).toBe(2);
    expect(deadLetters[1]).toMatchObject({ reason: "SERIALIZATION", kernelId: "peculiar" });
    expect(deadLetters[1]?.message).toMatchObject({ type: "Job", correlationId: sent.messageId, priority: 9 });
    expect(told).toMatchObject([{ code: "SERIALIZATION" }, { code: "SERIALIZATION" }]);
    await runtime.send(kernel, Job({ value: 8 }));
    expect(await runtime.receive(kernel, { timeout: 60_000 })).toMatchObject({ value: 8 });
  });
});
