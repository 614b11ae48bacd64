import type { Worker } from "node:worker_threads";
import { createRuntime, type KernelHandle, pipeline, type Runtime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { behind, calm, type Done, faulty, Job } from "../kernels/faulty.mjs";
import { leaving, loop, sound, stuckStage } from "../kernels/stuck.mjs";

type Handle = KernelHandle<ReturnType<typeof Job>, ReturnType<typeof Done>>;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error) => error.code as string,
  );
/** Milliseconds for the grace period, what comes after it, and a busy machine. */
const IN_TIME = 30_000;

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it does not end in time")), IN_TIME);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function quietly(options: Parameters<typeof workerThreads>[0]): Runtime {
  const runtime = createRuntime({ backend: workerThreads(options) });
  runtime.on("error", () => {});
  return runtime as unknown as Runtime;
}

/** The threads that live. */
const workers = new Set<Worker>();
const add = (worker: Worker) => {
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
};
beforeEach(() => void process.on("worker", add));
afterEach(() => {
  process.off("worker", add);
  workers.clear();
});
const kill = () => Promise.all([...workers].map((worker) => worker.terminate()));

describe("a stage in the middle of a flow whose module never finishes loading", () => {
  const line = pipeline("line").stage(sound).stage(stuckStage).stage(behindSound());
  test.each([
    ["timeout", () => ({ timeout: 300 }), "TIMEOUT"],
    ["signal", () => ({ signal: AbortSignal.timeout(300) }), "ABORTED"],
  ] as const)("run gives up by its %s, and its other stages are free", async (_, wait, code) => {
    const runtime = quietly({ threads: 2 });
    expect(await inTime(codeOf(runtime.run(line, wait())))).toBe(code);
    const flow = await runtime.run(pipeline("line").stage(sound).stage(behindSound()));
    const seen = [];
    for await (const { n } of flow.process([Job({ n: 1 })])) seen.push(n);
    expect(seen).toEqual([1]);
    await inTime(runtime.dispose({ timeout: 200 }));
  });

  test("dispose ends the run", async () => {
    const runtime = quietly({ threads: 2 });
    const ran = codeOf(runtime.run(line));
    await runtime.start(calm);
    await inTime(runtime.dispose({ timeout: 200 }));
    expect(await ran).toBe("TERMINATED");
  });
});

function behindSound() {
  return sound.as("last");
}

describe("a kernel in an endless loop", () => {
  test.each([
    ["terminate", (handle: Handle) => handle.terminate({ timeout: 200 })],
    ["terminate with drain", (handle: Handle) => handle.terminate({ drain: true, timeout: 200 })],
    [
      "deactivate, then terminate",
      (handle: Handle) => deactivated(handle).then(() => handle.terminate({ timeout: 200 })),
    ],
    ["dispose", (_: Handle, runtime: Runtime) => runtime.dispose({ timeout: 200 })],
    ["dispose with drain", (_: Handle, runtime: Runtime) => runtime.dispose({ drain: true, timeout: 200 })],
  ] as const)("%s ends in time, with every message accounted for", async (_, end) => {
    const runtime = quietly({ threads: 1, dedicated: ["loop"] });
    const [handle, other] = [(await runtime.start(loop)) as Handle, (await runtime.start(calm)) as Handle];
    await handle.send(Job({ n: 0 }));
    await handle.send(Job({ n: 1 }));
    const asked = codeOf(handle.request(Job({ n: 2 })));
    await inTime(Promise.resolve(end(handle, runtime)));
    expect(await inTime(asked)).toBe("TERMINATED");
    // the message in hand, too: its thread was ended with the kernel and did not fail
    const reasons = runtime.deadLetters.peek().map(({ reason }) => reason);
    expect(reasons).toEqual(["TERMINATED", "TERMINATED", "TERMINATED"]);
    const { ledger } = await inTime(handle.telemetry());
    expect(ledger.input).toMatchObject({ accepted: 3, queued: 0, inHand: 0, deadLettered: 3 });
    if (other.state === "active") expect((await other.request(Job({ n: 5 }), { timeout: 60_000 })).n).toBe(5);
    await inTime(runtime.dispose({ timeout: 200 }));
  });

  const deactivated = (handle: Handle) => codeOf(handle.deactivate({ timeout: 200 } as never));

  test("is ended by stallTimeout, and activate of its neighbour has an end", async () => {
    const runtime = quietly({ threads: 1, stallTimeout: 500 });
    const handle = (await runtime.start(loop)) as Handle;
    const other = (await runtime.launch(calm)) as Handle;
    await handle.send(Job({ n: 0 }));
    const asked = codeOf(handle.request(Job({ n: 1 })));
    expect(await inTime(codeOf(other.activate({ timeout: 4000 })))).toBe("done");
    expect(await inTime(asked)).toBe("KERNEL_FAILED");
    expect((await other.request(Job({ n: 5 }), { timeout: 60_000 })).n).toBe(5);
    await inTime(runtime.dispose({ timeout: 200 }));
  });

  test("activate of its neighbour gives up by its timeout, its signal, or with dispose", async () => {
    const runtime = quietly({ threads: 1 });
    const handle = (await runtime.start(loop)) as Handle;
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((id) => runtime.launch(calm, { id })));
    await handle.send(Job({ n: 0 }));
    const codes = ["done", "TIMEOUT", "ABORTED", "TERMINATED"];
    const waits = [
      codeOf(a!.activate({ timeout: 100 })),
      codeOf(b!.activate({ signal: AbortSignal.timeout(100) })),
      codeOf(c!.activate()),
    ];
    await inTime(runtime.dispose({ timeout: 200 }));
    for (const code of await inTime(Promise.all(waits))) expect(codes).toContain(code);
  });
});

describe("a thread that ends", () => {
  test("with code 0 in the midst: its kernels come back, and the error says so", async () => {
    const runtime = quietly({ threads: 1 });
    const told: string[] = [];
    runtime.on("error", (error) => told.push(error.code));
    const handle = (await runtime.start(faulty)) as Handle;
    await handle.send(Job({ n: 0, fault: "exit with 0" }));
    await handle.send(Job({ n: 1 }));
    expect((await handle.receive({ timeout: 60_000 })).n).toBe(1);
    expect(told).toContain("THREAD_LOST");
    await inTime(runtime.dispose({ timeout: 200 }));
  });

  test("as the module of a kernel calls process.exit: launch, start and run say so", async () => {
    const runtime = quietly({ threads: 1 });
    expect(await inTime(codeOf(runtime.launch(leaving)))).toBe("THREAD_LOST");
    expect(await inTime(codeOf(runtime.start(leaving)))).toBe("THREAD_LOST");
    expect(await inTime(codeOf(runtime.run(pipeline("p").stage(leaving))))).toBe("THREAD_LOST");
    const handle = (await runtime.start(calm)) as Handle;
    expect((await handle.request(Job({ n: 5 }), { timeout: 60_000 })).n).toBe(5);
    await inTime(runtime.dispose({ timeout: 200 }));
  });

  test("three of them within 50 ms: all kernels come back", async () => {
    const runtime = quietly({ threads: 3 });
    const ids = ["a", "b", "c"];
    const handles = [];
    for (const id of ids) handles.push((await runtime.start(faulty, { id })) as Handle);
    await Promise.all(handles.map((handle) => handle.send(Job({ n: 0, fault: "exit" }))));
    for (const handle of handles) expect((await handle.request(Job({ n: 5 }), { timeout: 60_000 })).n).toBe(5);
    await inTime(runtime.dispose({ timeout: 200 }));
  });

  test("while kernels are launched, connected, drained or restarted: each call settles", async () => {
    const runtime = quietly({ threads: 2 });
    const [one, two] = [(await runtime.start(faulty, { id: "one" })) as Handle, await runtime.start(behind)];
    const waits = [
      codeOf(runtime.launch(calm, { id: "x" })),
      codeOf(runtime.start(calm, { id: "y" })),
      codeOf(runtime.connect(one, two)),
      codeOf(one.terminate({ drain: true, timeout: 1000 })),
    ];
    await kill();
    await kill();
    await new Promise(setImmediate);
    await kill(); // of those that come up again
    for (const code of await inTime(Promise.all(waits))) expect(code).toMatch(/^(done|[A-Z_]+)$/);
    for (const { queued, inHand } of (await inTime(runtime.dispose({ timeout: 200 }))).values())
      expect(queued + inHand).toBe(0);
  });

  test("in one of two runtimes of a program costs the other nothing, nor does its dispose", async () => {
    const [first, second] = [quietly({ threads: 1 }), quietly({ threads: 1 })];
    const [bad, good] = [(await first.start(faulty)) as Handle, (await second.start(faulty)) as Handle];
    await bad.send(Job({ n: 0, fault: "exit" }));
    expect((await good.request(Job({ n: 5 }), { timeout: 60_000 })).n).toBe(5);
    await inTime(first.dispose({ timeout: 200 }));
    expect((await good.request(Job({ n: 6 }), { timeout: 60_000 })).n).toBe(6);
    expect((await good.telemetry()).restarts).toBe(0);
    await inTime(second.dispose({ timeout: 200 }));
  });

  test("keeps the latencies of its kernels, as it keeps their counts", async () => {
    const runtime = quietly({ threads: 1 });
    const handle = (await runtime.start(faulty)) as Handle;
    const pass = async (from: number) => {
      for (let n = from; n < from + 100; n++) await handle.request(Job({ n }), { timeout: 60_000 });
    };
    await handle.request(Job({ n: 0, fault: "slow" }), { timeout: 60_000 }); // the first is measured
    await pass(1);
    await handle.send(Job({ n: 0, fault: "exit" }));
    await pass(101);
    const { restarts, processed, processing, wait } = await handle.telemetry();
    expect([restarts, processed]).toEqual([1, 201]);
    expect(processing.max).toBeGreaterThan(100);
    expect(processing.p50).toBeLessThan(processing.max);
    expect(wait.max).toBeGreaterThan(0);
    await inTime(runtime.dispose({ timeout: 200 }));
  });
});
