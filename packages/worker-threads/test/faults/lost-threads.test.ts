import { createRuntime, type KernelHandle, type Ledger } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { describe, expect, test, vi } from "vitest";
import { behind, calm, type Done, faulty, Job, mortal } from "../kernels/faulty.mjs";

/** More of them by `npm run stress`. */
const TRIALS = Number(process.env["RINGLINE_TRIALS"] ?? 20);
vi.setConfig({ testTimeout: 6000 * TRIALS });

type Handle = KernelHandle<ReturnType<typeof Job>, ReturnType<typeof Done>>;
const MANY = 300;

function balances({ accepted, queued, inHand, done, dropped, deadLettered }: Ledger): boolean {
  return accepted === queued + inHand + done + dropped + deadLettered;
}

async function collect(handle: Handle, count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) seen.push((await handle.receive({ timeout: 60_000 })).n);
  return seen;
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Two kernels on one thread under load; one of them ends it in the middle. */
async function trial(fault: string, at: number): Promise<void> {
  // where the fault ends the thread by itself, a busy machine must not pass for a thread that stands still
  const stall = fault === "endless loop" ? { stallTimeout: 1000 } : {};
  const runtime = createRuntime({ backend: workerThreads({ threads: 1, ...stall }) });
  runtime.on("error", () => {});
  try {
    const [bad, good] = (await Promise.all([runtime.start(faulty), runtime.start(calm)])) as [Handle, Handle];
    const sends = range(MANY).flatMap((n) => [bad.send(Job(n === at ? { n, fault } : { n })), good.send(Job({ n }))]);
    const outputs = await Promise.all([collect(bad, MANY - 1), collect(good, MANY)]);
    await Promise.all(sends);
    expect(outputs[0].sort((a, b) => a - b)).toEqual(range(MANY).filter((n) => n !== at));
    // what was in hand is tried again: at least once
    expect([...new Set(outputs[1])].sort((a, b) => a - b)).toEqual(range(MANY));
    await expect.poll(async () => (await bad.telemetry()).ledger.input.inHand).toBe(0);
    const { ledger, restarts, sent, errors } = await bad.telemetry();
    expect(restarts).toBe(1);
    expect(errors).toBe(1);
    expect(sent).toBeGreaterThanOrEqual(MANY - 2); // an output on its way through the host is not counted yet
    expect(sent).toBeLessThan(MANY);
    expect(ledger.input).toMatchObject({ accepted: MANY, queued: 0, inHand: 0, done: MANY - 1, deadLettered: 1 });
    const deadLetters = runtime.deadLetters.peek();
    expect(deadLetters.map(({ kernelId, reason }) => [kernelId, reason])).toEqual([["faulty", "KERNEL_FAILED"]]);
    expect(runtime.state(good)).toBe("active");
  } finally {
    for (const [port, ledger] of await runtime.dispose()) expect(balances(ledger), port).toBe(true);
  }
}

describe("a thread that is lost in the middle of traffic", () => {
  for (const fault of ["exit", "unhandled rejection", "exception in a timer", "endless loop"]) {
    test(`by ${fault}: nothing queued is lost, and its siblings live on`, async () => {
      for (let round = 0; round < TRIALS; round++) await trial(fault, Math.floor(Math.random() * MANY));
    });
  }

  test("while it sends to another thread: that one has all that was accepted, once and in order", async () => {
    for (let round = 0; round < TRIALS; round++) {
      const runtime = createRuntime({ backend: workerThreads({ threads: 2 }) });
      runtime.on("error", () => {});
      const first = (await runtime.start(faulty)) as Handle;
      const last = await runtime.start(behind);
      await runtime.connect(first, last);
      const at = Math.floor(Math.random() * MANY);
      const sends = range(MANY).map((n) => first.send(Job(n === at ? { n, fault: "exit" } : { n })));
      const outputs = await collect(last as unknown as Handle, MANY - 1);
      await Promise.all(sends);
      expect(outputs).toEqual(range(MANY).filter((n) => n !== at));
      for (const [port, ledger] of await runtime.dispose()) {
        expect(balances(ledger), port).toBe(true);
        expect(ledger.queued + ledger.inHand, port).toBe(0);
      }
    }
  });

  test("what it told last is heard, however busy the host is", async () => {
    for (let round = 0; round < 5; round++) {
      const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
      runtime.on("error", () => {});
      const bad = (await runtime.start(faulty)) as Handle;
      const asked = bad.request(Job({ n: 0, fault: "error" })).catch((error) => error);
      await bad.send(Job({ n: 1, fault: "exit" }));
      // the thread has ended by the time that the host looks again
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
      expect((await asked).cause.message).toBe("thrown by its body");
      await expect
        .poll(() => runtime.deadLetters.peek().map(({ message }) => Job.is(message) && message.n))
        .toEqual([0, 1]);
      await runtime.dispose();
    }
  });

  test.each([
    ["exit", "exited with code 1"],
    ["unhandled rejection", "a rejection that nobody handled: Error: nobody handles this"],
    ["exception in a timer", "an exception that nobody caught: Error: thrown by a timer"],
  ])("by %s: the error says so", async (fault, reason) => {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    const told: string[] = [];
    runtime.on("error", ({ message }) => told.push(message));
    const bad = (await runtime.start(faulty)) as Handle;
    await bad.send(Job({ n: 0, fault }));
    await expect.poll(() => told.join()).toContain(reason);
    await runtime.dispose();
  });

  test("settles all that waits with the cause, within a second", async () => {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    runtime.on("error", () => {});
    const [bad, other] = (await Promise.all([runtime.start(faulty), runtime.start(mortal)])) as [Handle, Handle];
    await other.deactivate();
    const waits = [other.request(Job({ n: 1 })), other.receive()];
    const outcomes = Promise.allSettled(waits);
    const asked = bad.request(Job({ n: 0, fault: "exit" })).catch((error) => error);
    const codes = (await outcomes).map((one) => (one.status === "rejected" ? one.reason.code : "fulfilled"));
    expect(codes).toEqual(["KERNEL_FAILED", "KERNEL_FAILED"]);
    expect((await asked).code).toBe("KERNEL_FAILED");
    expect(runtime.state(other)).toBe("failed");
    await runtime.dispose();
  });

  test("terminate ends a kernel that never yields, and its siblings restart elsewhere", async () => {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    runtime.on("error", () => {});
    const [bad, good] = (await Promise.all([runtime.start(faulty), runtime.start(calm)])) as [Handle, Handle];
    await bad.send(Job({ n: 0, fault: "endless loop" }));
    await expect.poll(async () => (await bad.telemetry()).ledger.input.inHand).toBe(1);
    const sent = good.send(Job({ n: 7 }));
    await bad.terminate({ timeout: 200 });
    await sent;
    expect(await collect(good, 1)).toEqual([7]);
    const { ledger } = await bad.telemetry();
    expect(ledger.input).toMatchObject({ accepted: 1, inHand: 0, deadLettered: 1 });
    await runtime.dispose();
  });
});
