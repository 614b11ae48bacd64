import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { describe, expect, test } from "vitest";
import { calm } from "../kernels/faulty.mjs";
import { Job, loop, stuck } from "../kernels/stuck.mjs";

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error) => error.code as string,
  );
const preload = (code: string) => ["--import", `data:text/javascript,${encodeURIComponent(code)}`];

describe("a module that never finishes loading", () => {
  test.each([
    ["timeout", () => ({ timeout: 300 }), "TIMEOUT"],
    ["signal", () => ({ signal: AbortSignal.timeout(300) }), "ABORTED"],
  ] as const)("launch gives up by its %s, and its id can be launched again", async (_, wait, code) => {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    expect(await codeOf(runtime.launch(stuck, { id: "k", ...wait() }))).toBe(code);
    expect(await codeOf(runtime.start(stuck, { id: "k", ...wait() }))).toBe(code);
    await runtime.start(calm, { id: "k" });
    expect([...(await runtime.dispose({ timeout: 500 })).keys()]).toEqual(["k.input", "k.output"]);
  });

  test("dispose ends what waits with a typed error", async () => {
    const runtime = createRuntime({ backend: workerThreads({ threads: 2 }) });
    const sound = await runtime.start(calm);
    const waits = [
      codeOf(runtime.launch(stuck)),
      codeOf(runtime.start(stuck, { id: "other" })),
      codeOf(sound.receive()),
    ];
    await runtime.dispose({ timeout: 200 });
    expect(await Promise.all(waits)).toEqual(["TERMINATED", "TERMINATED", "TERMINATED"]);
  });
});

describe("a thread that ends before it is ready", () => {
  test.each([
    ["exits with 0", "process.exit(0)", "code 0"],
    ["exits with 3", "process.exit(3)", "code 3"],
    ["throws", "throw new Error('preloaded in vain')", "preloaded in vain"],
  ])("as its preload %s: launch rejects with the reason", async (_, code, reason) => {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1, execArgv: preload(code) }) });
    const error = await runtime.launch(calm).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "THREAD_LOST", details: { reason: expect.stringContaining(reason) } });
    await runtime.dispose({ timeout: 500 });
  });
});

test("a kernel in an endless loop holds up neither the end of its neighbour nor dispose", async () => {
  const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  runtime.on("error", () => {});
  const [busy, other] = [await runtime.start(loop), await runtime.start(calm)];
  await busy.send(Job({ n: 0 }));
  const asked = [codeOf(other.request(Job({ n: 1 }))), codeOf(busy.request(Job({ n: 2 })))];
  const ledgers = await runtime.dispose({ timeout: 200 });
  expect(await Promise.all(asked)).toEqual([expect.stringMatching(/^[A-Z_]+$/), expect.stringMatching(/^[A-Z_]+$/)]);
  for (const { queued, inHand } of ledgers.values()) expect(queued + inHand).toBe(0);
});
