import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  createRuntime,
  defineKernel,
  defineMessage,
  type KernelHandle,
  type MessageOf,
  type Runtime,
} from "../../src/index.js";
import { local } from "../support/local-backend.js";
import { codeOf, quiet, watch } from "../support/settling.js";

const Job = defineMessage("Job", z.object({ n: z.number() }));
const Other = defineMessage("Other");
const echo = defineKernel({ id: "echo", input: Job, output: Job, handle: ({ n }) => Job({ n }) });
const job = Job({ n: 1 });

let runtime: Runtime<"main", {}>;
let handle: KernelHandle<MessageOf<typeof Job>, MessageOf<typeof Job>>;
let seen: string[];

beforeEach(async () => {
  runtime = createRuntime({ backend: local() });
  seen = [];
  runtime.on("error", ({ code }) => seen.push(code));
  handle = await runtime.launch(echo);
});
afterEach(async () => {
  const accounts = await runtime.dispose();
  for (const { accepted, queued, inHand, done, dropped, deadLettered } of accounts.values()) {
    expect(accepted).toBe(queued + inHand + done + dropped + deadLettered);
    expect([queued, inHand]).toEqual([0, 0]);
  }
});

describe("each misuse has its code", () => {
  test("a kernel that is not there", async () => {
    for (const call of [
      () => runtime.send("absent", job),
      () => runtime.receive("absent"),
      () => runtime.request("absent", job),
      () => runtime.activate("absent"),
      () => runtime.terminate("absent"),
      () => runtime.telemetry("absent"),
      () => runtime.state("absent"),
      () => runtime.launch("absent" as never),
    ]) {
      expect(await codeOf(call)).toBe("KERNEL_UNKNOWN");
    }
  });

  test("launched twice", async () => {
    expect(await codeOf(() => runtime.launch(echo))).toBe("KERNEL_EXISTS");
  });

  test("a wrong transition, which names both states", async () => {
    await expect(handle.deactivate()).rejects.toMatchObject({
      code: "KERNEL_STATE",
      kernelId: "echo",
      details: { state: "launched", wanted: "deactivated" },
    });
    expect(await codeOf(() => handle.reactivate())).toBe("KERNEL_STATE");
    await handle.activate();
    expect(await codeOf(() => handle.activate())).toBe("KERNEL_STATE");
  });

  test("options of a launch", async () => {
    for (const options of [
      { queueSize: 0 },
      { id: "" },
      { backpressure: "x" },
      { backend: "x" },
      { peers: { x: "y" } },
      { x: 1 },
    ]) {
      expect(await codeOf(() => runtime.launch(echo.as("other"), options as object))).toBe("INVALID_ARGUMENT");
    }
    expect(await codeOf(() => runtime.launch({ id: "echo" } as never))).toBe("INVALID_ARGUMENT");
  });

  test("an extension that the backend lacks", async () => {
    const needy = defineKernel({ id: "needy", input: Job, needs: ["gpu" as never], handle() {} });
    await expect(runtime.launch(needy)).rejects.toMatchObject({ code: "UNSUPPORTED", details: { capability: "gpu" } });
  });

  test("a message of another type, and one that fails its schema", async () => {
    expect(await codeOf(() => handle.send(Other() as never))).toBe("TYPE_MISMATCH");
    expect(await codeOf(() => handle.send(null as never))).toBe("TYPE_MISMATCH");
    expect(await codeOf(() => handle.send({ ...job, type: "Job", n: "1" } as never))).toBe("INVALID_MESSAGE");
  });

  test.each([-1, Number.NaN, "5"])("the time-out %o", async (wrong) => {
    const timeout = wrong as number;
    await handle.activate();
    for (const call of [
      () => handle.send(job, { timeout }),
      () => handle.receive({ timeout }),
      () => handle.request(job, { timeout }),
      () => handle.terminate({ timeout }),
    ]) {
      expect(await codeOf(call)).toBe("INVALID_ARGUMENT");
    }
    expect((await handle.telemetry()).ledger.input.accepted).toBe(0);
  });

  test("a header option that is misspelt", async () => {
    expect(await codeOf(() => Job({ n: 1 }, { expiresin: 5 } as never))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(() => Job.with(job, { prio: 5 } as never))).toBe("INVALID_ARGUMENT");
  });

  test("a time-out of 0 tries once", async () => {
    expect(await codeOf(() => handle.receive({ timeout: 0 }))).toBe("TIMEOUT");
    await handle.send(job, { timeout: 0 });
    await handle.activate();
    await quiet();
    expect((await handle.receive({ timeout: 0 })).n).toBe(1);
  });

  test("an aborted signal", async () => {
    const signal = AbortSignal.abort();
    for (const call of [
      () => handle.send(job, { signal }),
      () => handle.receive({ signal }),
      () => handle.request(job, { signal }),
    ]) {
      expect(await codeOf(call)).toBe("ABORTED");
    }
    expect((await handle.telemetry()).ledger.input.accepted).toBe(0);
  });

  test("a signal that is none, also of a terminate, which then has not begun", async () => {
    const signal = {} as AbortSignal;
    for (const call of [
      () => handle.send(job, { signal }),
      () => handle.receive({ signal }),
      () => handle.request(job, { signal }),
      () => handle.terminate({ signal }),
      () => runtime.dispose({ signal }),
    ]) {
      expect(await codeOf(call)).toBe("INVALID_ARGUMENT");
    }
    expect(handle.state).toBe("launched");
  });

  test("a full queue", async () => {
    const small = await runtime.launch(echo, { id: "small", queueSize: 1, backpressure: "reject" });
    await small.send(job);
    expect(await codeOf(() => small.send(job))).toBe("QUEUE_FULL");
    expect(await codeOf(() => small.request(job))).toBe("QUEUE_FULL");
  });

  test("send, receive and request after terminate", async () => {
    await handle.terminate();
    for (const call of [() => handle.send(job), () => handle.receive(), () => handle.request(job)]) {
      expect(await codeOf(call)).toBe("TERMINATED");
    }
    await handle.terminate();
  });

  test("a receiver of a linked output, and a second link that says no mode", async () => {
    await runtime.launch(echo.as("b"));
    await runtime.connect(handle, echo.as("b"));
    expect(await codeOf(() => handle.receive())).toBe("PORT_LINKED");
    expect(await codeOf(() => runtime.connect(handle, echo.as("b")))).toBe("PORT_LINKED");
    expect(await codeOf(() => runtime.connect(handle, echo.as("absent")))).toBe("KERNEL_UNKNOWN");
  });

  test("a request that is not answered", async () => {
    const sink = defineKernel({ id: "sink", input: Job, output: Job, handle: () => undefined });
    const silent = await runtime.start(sink);
    await expect(silent.request(job)).rejects.toMatchObject({ code: "NO_REPLY", details: { consumedBy: "sink" } });
  });
});

describe("a kernel that throws", () => {
  test("at once: it has failed, and says so to all who wait or come later", async () => {
    const broken = defineKernel({
      id: "broken",
      input: Job,
      output: Job,
      async run() {
        throw new Error("at once");
      },
    });
    const failing = await runtime.launch(broken);
    const waiting = watch(failing.receive());
    await quiet();
    expect([waiting.state, failing.state]).toEqual(["KERNEL_FAILED", "failed"]);
    for (const call of [() => failing.send(job), () => failing.receive(), () => failing.request(job)]) {
      await expect(call()).rejects.toMatchObject({
        code: "KERNEL_FAILED",
        kernelId: "broken",
        cause: { message: "at once" },
      });
    }
    expect(seen).toEqual(["KERNEL_FAILED"]);
  });

  test("in the middle: what it had and what was queued become dead letters, and who asked hears of it", async () => {
    const broken = defineKernel({
      id: "broken",
      input: Job,
      output: Job,
      async run(ctx) {
        for await (const message of ctx) {
          if (message.n === 2) throw new Error("two");
          await ctx.send(message);
        }
      },
    });
    const failing = await runtime.launch(broken);
    const asked = [1, 2, 3].map((n) => watch(failing.request(Job({ n }))));
    await failing.activate();
    await quiet();
    expect(asked.map(({ state }) => state)).toEqual(["done", "KERNEL_FAILED", "KERNEL_FAILED"]);
    expect(failing.state).toBe("failed");
    const deadLetters = runtime.deadLetters.peek({ kernelId: "broken" });
    expect(deadLetters.map(({ reason, attempts }) => [reason, attempts])).toEqual([
      ["KERNEL_FAILED", 1],
      ["KERNEL_FAILED", 0],
    ]);
  });

  test("in `handle`, while others wait: each asker gets its own error, and the kernel goes on", async () => {
    const picky = defineKernel({
      id: "picky",
      input: Job,
      output: Job,
      handle(message) {
        if (message.n < 0) throw new RangeError("below zero");
        return message;
      },
    });
    const kernel = await runtime.start(picky);
    const asked = [1, -2, 3].map((n) => watch(kernel.request(Job({ n }))));
    await quiet();
    expect(asked.map(({ state }) => state)).toEqual(["done", "KERNEL_FAILED", "done"]);
    expect(kernel.state).toBe("active");
    expect(runtime.deadLetters.take()).toMatchObject([
      { kernelId: "picky", reason: "KERNEL_FAILED", attempts: 1, error: { cause: { message: "below zero" } } },
    ]);
    expect(seen).toEqual(["KERNEL_FAILED"]);
  });
});
