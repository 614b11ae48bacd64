import { describe, expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage, type Supervision } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";

const Task = defineMessage("Task", body<{ n: number; crashes?: number }>());
const Done = defineMessage("Done", body<{ n: number; life: number }>());
const fast = { backoff: { initial: 1, jitter: 0 } } as const;

/** Sends half of its output, then crashes as often as a message says. */
function crashing(supervise: Supervision) {
  const seen = new Map<number, number>();
  let incarnations = 0;
  return defineKernel({
    id: "crashing",
    input: Task,
    output: Done,
    supervise: { ...fast, ...supervise },
    async run(ctx) {
      const life = ++incarnations;
      for await (const task of ctx) {
        await ctx.send(Done({ n: task.n, life }, { replyTo: task }));
        const times = seen.get(task.n) ?? 0;
        seen.set(task.n, times + 1);
        if (times < (task.crashes ?? 0)) throw new RangeError(`crash ${times + 1} at ${task.n}`);
      }
    },
  });
}

async function started(supervise: Supervision) {
  const clock = virtualClock();
  const runtime = createRuntime({ backend: local(), clock });
  runtime.on("error", () => {});
  return { clock, runtime, handle: await runtime.start(crashing(supervise)) };
}

describe("supervision", () => {
  test("a kernel that is restarted keeps its queue; the message at which it crashed becomes a dead letter", async () => {
    const { clock, runtime, handle } = await started({ restart: "on-failure" });
    const restarts: number[] = [];
    runtime.on("restart", ({ attempt, error }) => {
      restarts.push(attempt);
      expect(error).toMatchObject({ code: "KERNEL_FAILED", kernelId: handle.id });
    });
    for (const n of [1, 2, 3]) await handle.send(Task({ n, crashes: n === 2 ? 1 : 0 }));
    await clock.advance(1);
    const outputs = [await handle.receive(), await handle.receive(), await handle.receive()];
    expect(outputs.map(({ n, life }) => [n, life])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    expect(restarts).toEqual([1]);
    const [deadLetter] = runtime.deadLetters.peek();
    expect(deadLetter).toMatchObject({ reason: "KERNEL_FAILED", attempts: 1, message: { n: 2 } });
    const counts = { processed: 2, restarts: 1, errors: 1, sent: 3, received: 3, deadLettered: 1 };
    expect(await handle.telemetry()).toMatchObject(counts);
    await runtime.dispose();
  });

  test("a retried message is delivered again before the others", async () => {
    const { clock, runtime, handle } = await started({ restart: "on-failure", onCrash: "retry" });
    for (const n of [1, 2]) await handle.send(Task({ n, crashes: n === 1 ? 2 : 0 }));
    await clock.advance(10);
    const outputs = [];
    for (let i = 0; i < 4; i++) outputs.push(await handle.receive());
    expect(outputs.map(({ n, life }) => [n, life])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    expect(runtime.deadLetters.size).toBe(0);
    const ledgers = await runtime.dispose();
    expect(ledgers.get("crashing.input")).toMatchObject({ accepted: 2, done: 2, queued: 0, inHand: 0 });
  });

  test("with effects that are committed a retry doubles nothing", async () => {
    const { clock, runtime, handle } = await started({ restart: "on-failure", onCrash: "retry", effects: "commit" });
    for (const n of [1, 2, 3]) await handle.send(Task({ n, crashes: n % 2 }));
    await clock.advance(10);
    const outputs = [await handle.receive(), await handle.receive(), await handle.receive()];
    expect(outputs.map(({ n }) => n)).toEqual([1, 2, 3]);
    await handle.terminate({ drain: true });
    expect((await handle.telemetry()).ledger.output).toMatchObject({ accepted: 3, done: 3 });
    await runtime.dispose();
  });

  test("a request that is retried is answered once it succeeds", async () => {
    const { clock, runtime, handle } = await started({ restart: "on-failure", onCrash: "retry", effects: "commit" });
    const asked = handle.request(Task({ n: 7, crashes: 2 }), { timeout: 60_000 });
    await clock.advance(10);
    expect(await asked).toMatchObject({ n: 7, life: 3 });
    await runtime.dispose();
  });

  test("more restarts than its limit: it gives up, and what is queued becomes dead letters with the attempts", async () => {
    const { clock, runtime, handle } = await started({
      restart: "on-failure",
      onCrash: "retry",
      limit: { max: 2, window: 60_000 },
    });
    await handle.send(Task({ n: 1, crashes: 99 }));
    await handle.send(Task({ n: 2 }));
    await clock.advance(10);
    expect(handle.state).toBe("failed");
    const deadLetters = runtime.deadLetters.peek();
    expect(
      deadLetters.map(({ message, attempts, reason }) => [(message as { n?: number }).n, attempts, reason]),
    ).toEqual([
      [1, 3, "KERNEL_FAILED"],
      [2, 0, "KERNEL_FAILED"],
    ]);
    await expect(handle.send(Task({ n: 3 }))).rejects.toMatchObject({
      code: "KERNEL_FAILED",
      details: { restarts: 2 },
    });
    await runtime.dispose();
  });

  test("always: a body that returns begins anew; terminate ends it between two lives", async () => {
    const clock = virtualClock();
    const runtime = createRuntime({ backend: local(), clock });
    const once = defineKernel({
      id: "once",
      input: Task,
      output: Done,
      supervise: { restart: "always", ...fast, limit: { max: 100, window: 1000 } },
      async run(ctx) {
        const { n } = await ctx.receive();
        await ctx.send(Done({ n, life: 0 }));
      },
    });
    const handle = await runtime.start(once);
    for (const n of [1, 2, 3]) await handle.send(Task({ n }));
    await clock.advance(10);
    for (const n of [1, 2, 3]) expect(await handle.receive()).toMatchObject({ n });
    await handle.terminate();
    expect(handle.state).toBe("terminated");
    await runtime.dispose();
  });

  test("terminate does not wait for a long pause between two lives", async () => {
    const { runtime, handle } = await started({ restart: "on-failure", backoff: { initial: 60_000 } });
    const restarting = new Promise<void>((resolve) => void runtime.on("restart", () => resolve()));
    await handle.send(Task({ n: 1, crashes: 1 }));
    await restarting;
    await handle.terminate();
    expect(handle.state).toBe("terminated");
    await runtime.dispose();
  });

  test.each([
    [{ restart: "sometimes" }, "supervise.restart"],
    [{ limit: { max: -1, window: 1 } }, "supervise.limit.max"],
    [{ limit: { max: 1, window: 0 } }, "supervise.limit.window"],
    [{ onCrash: "ignore" }, "supervise.onCrash"],
    [{ retries: 3 }, "supervise.retries"],
  ])("%j is refused", (supervise, argument) => {
    expect(() => crashing(supervise as Supervision)).toThrowError(
      expect.objectContaining({ code: "INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
    );
  });
});
