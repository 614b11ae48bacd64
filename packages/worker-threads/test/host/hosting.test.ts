import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { describe, expect, test } from "vitest";
import { Job, mortal, thrower, whereabouts } from "../kernels/faulty.mjs";
import { outer } from "../kernels/nested.mjs";

/** A millisecond for each sleep; a million of them by `npm run stress`. */
const LONG = Math.max(60_000, Number(process.env["RINGLINE_SLEEPS"] ?? 0));

const run = promisify(execFile);
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The threads on which these kernels find themselves. */
async function threadsOf(options: Parameters<typeof workerThreads>[0], ids: readonly string[]): Promise<number[]> {
  await using runtime = createRuntime({ backend: workerThreads(options) });
  const found: number[] = [];
  for (const id of ids) {
    const handle = await runtime.start(whereabouts.as(id));
    found.push((await handle.request(Job({ n: 0 }), { timeout: 60_000 })).n);
  }
  return found;
}

describe("placement", () => {
  const ids = ["a", "b", "c", "d"];
  const distinct = (threads: readonly number[]) => new Set(threads).size;

  test("spreads kernels over the threads", async () => {
    expect(distinct(await threadsOf({ threads: 2 }, ids))).toBe(2);
    expect(distinct(await threadsOf({ threads: 4 }, ids))).toBe(4);
  });

  test("packs them, where that is wanted", async () => {
    expect(distinct(await threadsOf({ threads: 4, placement: "pack" }, ids))).toBe(1);
  });

  test("gives a kernel a thread of its own", async () => {
    const [a, b, c, d] = await threadsOf({ threads: 1, dedicated: ["b"] }, ids);
    expect([c, d]).toEqual([a, a]);
    expect(b).not.toBe(a);
  });

  test("asks a function, which must name a thread that is there", async () => {
    const seen: string[][] = [];
    const threads = await threadsOf(
      {
        placement: (id, list) => {
          seen.push(list.flatMap(({ kernels }) => [...kernels]));
          return id === "a" || id === "c" ? "new" : 0;
        },
      },
      ids,
    );
    expect(threads[1]).toBe(threads[0]);
    expect(threads[2]).not.toBe(threads[0]);
    expect(seen.at(-1)).toEqual(["a", "b", "c"]);
    await expect(threadsOf({ placement: () => 7 }, ids)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("loading", () => {
  const Note = defineMessage("Note", body<object>());

  test("a kernel without a module is refused, with what to write", async () => {
    await using runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    const homeless = defineKernel({ id: "homeless", input: Note, handle() {} });
    const error = await runtime.launch(homeless).catch((thrown: unknown) => thrown);
    expect(isRinglineError(error, "MODULE_MISSING") && error.remedy).toContain("import.meta.url");
    expect(runtime.kernels).toEqual([]);
  });

  test("so is one that its module does not export", async () => {
    await using runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    const module = new URL("../kernels/faulty.mjs", import.meta.url).href;
    const stranger = defineKernel({ id: "stranger", module, input: Note, handle() {} });
    await expect(runtime.launch(stranger)).rejects.toMatchObject({ code: "MODULE_MISSING", kernelId: "stranger" });
    await expect(runtime.start(mortal)).resolves.toBeDefined();
  });

  test("options out of range are refused", () => {
    for (const options of [
      { threads: 0 },
      { threads: 1.5 },
      { placement: "here" },
      { stallTimeout: 0 },
      { colour: 1 },
    ]) {
      expect(() => workerThreads(options as never)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    }
  });
});

test(
  "after dispose the process ends by itself, and memory stays flat over many sleeps",
  async () => {
    const { stdout } = await run(process.execPath, ["--expose-gc", here("../kernels/sleeper.mjs")], { timeout: LONG });
    const { before, after, rounds } = JSON.parse(stdout) as { before: number; after: number; rounds: number };
    expect(rounds).toBeGreaterThanOrEqual(20_000);
    expect(after - before).toBeLessThan(8 * 2 ** 20);
  },
  LONG,
);

test("telemetry, logs and errors say on which thread they came to be", async () => {
  await using runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  const seen: unknown[] = [];
  runtime.on("error", (error) => seen.push(error));
  const handle = await runtime.start(thrower);
  await expect(handle.request(Job({ n: 1 }), { timeout: 60_000 })).rejects.toMatchObject({ code: "KERNEL_FAILED" });
  await expect.poll(() => seen).toHaveLength(1);
  const [error] = seen as (Error & { cause: Error })[];
  expect(error).toMatchObject({ kernelId: "thrower", thread: 1 });
  expect(error?.cause.stack).toContain("faulty.mjs");
  const { thread } = await handle.telemetry();
  expect(thread?.thread).toBe(1);
  expect(thread?.utilization).toBeGreaterThan(0);
  expect(thread?.utilization).toBeLessThanOrEqual(1);
});

test("a thread that takes too much memory is lost like any other, where Node itself survives that", async () => {
  const outcome = await run(process.execPath, [here("../kernels/hoarder.mjs")], { timeout: 50_000 }).catch((e) => e);
  if (outcome.signal === "SIGABRT" || outcome.signal === "SIGTRAP") return; // Node ended as a whole
  const { n, input } = JSON.parse(outcome.stdout);
  expect(n).toBe(1);
  expect(input).toEqual({ accepted: 2, queued: 0, inHand: 0, done: 1, dropped: 0, deadLettered: 1 });
});

test("a kernel on a thread may create a runtime of its own, from the same copy of core", async () => {
  await using runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  const handle = await runtime.start(outer);
  expect((await handle.request(Job({ n: 20 }), { timeout: 30_000 })).n).toBe(41);
});

const stripsTypes = (process.features as { typescript?: unknown }).typescript !== undefined;

test.skipIf(!stripsTypes)("modules in TypeScript are loaded as they are", async () => {
  const { stdout } = await run(process.execPath, [here("../kernels/typed.mjs")], { timeout: 50_000 });
  expect(stdout.trim()).toBe("42");
});

test("a program and its kernels may be CommonJS: there is one copy of core", async () => {
  const program = fileURLToPath(new URL("../kernels/commonjs.cjs", import.meta.url));
  const { stdout } = await run(process.execPath, [program]);
  expect(JSON.parse(stdout)).toEqual({ n: 42, isOneCopy: true });
});
