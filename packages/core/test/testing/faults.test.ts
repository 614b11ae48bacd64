import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage, errors, type Supervision } from "../../src/index.js";
import { type Fault, faults, virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";
import { codeOf, watch } from "../support/settling.js";

const Task = defineMessage("Task", body<{ n: number }>());
const supervise: Supervision = { restart: "on-failure", onCrash: "retry", limit: { max: 100, window: 1000 } };
const echo = defineKernel({ id: "echo", input: Task, output: Task, supervise, handle: ({ n }) => Task({ n }) });
const loop = defineKernel({
  id: "loop",
  input: Task,
  output: Task,
  supervise,
  async run(ctx) {
    for await (const { n } of ctx) await ctx.send(Task({ n }));
  },
});

async function rig(plan: readonly Fault[], kernel: typeof echo | typeof loop = echo, seed?: number) {
  const clock = virtualClock();
  const backend = faults(local(), plan, seed === undefined ? {} : { seed });
  const runtime = createRuntime({ backend, clock });
  const told: string[] = [];
  runtime.on("error", (error) => told.push((error.cause as Error).message));
  const handle = await runtime.start(kernel);
  const outputs = async () => {
    const numbers: number[] = [];
    for (;;) {
      const next = watch(handle.receive({ timeout: 0 }));
      await clock.settle();
      if (next.state !== "done") return numbers;
      numbers.push(next.value!.n);
    }
  };
  const send = async (count: number) => {
    for (let n = 1; n <= count; n++) await handle.send(Task({ n }));
  };
  return { clock, backend, runtime, told, handle, outputs, send };
}

describe.each([echo, loop] as const)("$id", (kernel) => {
  test("crash: at its nth message, which is then in hand and comes again", async () => {
    const { clock, backend, runtime, told, handle, outputs, send } = await rig([{ do: "crash", nth: 3 }], kernel);
    await send(5);
    await clock.settle();
    expect(await outputs()).toEqual([1, 2]);
    await clock.advance(100); // the backoff
    expect(await outputs()).toEqual([3, 4, 5]);
    expect(await handle.telemetry()).toMatchObject({ restarts: 1, requeued: 1, errors: 1, received: 6 });
    expect(told).toEqual(["a fault on purpose: it crashed"]);
    expect(backend.injected).toEqual([{ do: "crash", kernelId: kernel.id, nth: 3 }]);
    await runtime.dispose();
  });

  test("crash: each second message, over all lives", async () => {
    const { clock, runtime, handle, outputs, send } = await rig([{ do: "crash", every: 2 }], kernel);
    await send(4);
    await clock.advance(100_000);
    expect(await outputs()).toEqual([1, 2, 3, 4]);
    expect(await handle.telemetry()).toMatchObject({ restarts: 3, processed: 4 });
    await runtime.dispose();
  });

  test("delay: what is behind waits too, and nothing is delivered while it is deactivated", async () => {
    const { clock, runtime, handle, outputs, send } = await rig([{ do: "delay", by: 500, nth: 2 }], kernel);
    await send(3);
    await clock.advance(499);
    expect(await outputs()).toEqual([1]);
    await handle.deactivate();
    await clock.advance(100);
    expect(await outputs()).toEqual([]);
    await handle.reactivate();
    expect(await outputs()).toEqual([2, 3]);
    await runtime.dispose();
    expect(clock.pending).toBe(0);
  });
});

test("refuse: the send fails, and leaves no trace", async () => {
  const refuse = { do: "refuse", error: () => new errors.TIMEOUT({ operation: "send", timeout: 1 }) } as const;
  const { runtime, handle, outputs } = await rig([
    { ...refuse, nth: 1 },
    { do: "refuse", nth: 2 },
    { do: "refuse", kernelId: "another" },
  ]);
  expect(await codeOf(() => handle.send(Task({ n: 1 })))).toBe("TIMEOUT");
  expect(await codeOf(() => handle.send(Task({ n: 2 }, {}), { timeout: 5 }))).toBe("QUEUE_FULL");
  await handle.send(Task({ n: 3 }));
  expect(await outputs()).toEqual([3]);
  expect((await handle.telemetry()).ledger.input).toMatchObject({ accepted: 1, done: 1 });
  await runtime.dispose();
});

test("reject-spawn: a launch fails; a restart that fails is a failure like any other", async () => {
  const { clock, runtime, told, handle, outputs, send } = await rig([
    { do: "reject-spawn", kernelId: "other" },
    { do: "reject-spawn", kernelId: "echo", nth: 2 },
    { do: "crash", nth: 1 },
  ]);
  await expect(runtime.launch(loop.as("other"))).rejects.toMatchObject({ code: "KERNEL_FAILED" });
  await send(1);
  await clock.advance(1000);
  expect(handle.state).toBe("active");
  expect((await handle.telemetry()).restarts).toBe(2);
  expect(told).toEqual(["a fault on purpose: it crashed", "a fault on purpose: its start was refused"]);
  expect(await outputs()).toEqual([1]);
  await runtime.dispose();
});

test("lose-place: all kernels of it fail, and live again", async () => {
  const { clock, backend, runtime, told, handle, outputs, send } = await rig([{ do: "lose-place", nth: 2 }]);
  const other = await runtime.start(loop);
  await send(3);
  await clock.advance(1000);
  expect(await outputs()).toEqual([1, 2, 3]);
  backend.losePlace();
  await clock.advance(1000);
  expect([(await handle.telemetry()).restarts, (await other.telemetry()).restarts]).toEqual([2, 2]);
  expect(told).toEqual(Array.from({ length: 4 }, () => "a fault on purpose: its place was lost"));
  await runtime.dispose();
});

test("chance: the same seed gives the same faults; whatever happens, everything is settled and the ledger balances", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const plan: Fault[] = [
        { do: "crash", chance: 0.2 },
        { do: "delay", by: 50, chance: 0.2 },
        { do: "refuse", chance: 0.1 },
      ];
      const run = async () => {
        const { clock, backend, runtime, handle, outputs } = await rig(plan, echo, seed);
        const accepted: number[] = [];
        for (let n = 0; n < 30; n++) {
          await handle.send(Task({ n })).then(
            () => accepted.push(n),
            () => {},
          );
        }
        await clock.advance(1_000_000);
        expect(await outputs()).toEqual(accepted);
        const ledger = (await runtime.dispose()).get("echo.input");
        expect(ledger).toMatchObject({ accepted: accepted.length, done: accepted.length, queued: 0, inHand: 0 });
        return backend.injected;
      };
      expect(await run()).toEqual(await run());
    }),
    { numRuns: 20 },
  );
});

test.each([
  { do: "explode" },
  { do: "crash", nth: 0 },
  { do: "crash", every: 1.5 },
  { do: "crash", chance: 2 },
  { do: "delay" },
  { do: "delay", by: -1 },
])("%j is refused", async (fault) => {
  expect(await codeOf(() => faults(local(), [fault as Fault]))).toBe("INVALID_ARGUMENT");
});
