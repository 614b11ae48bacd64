import {
  atomic,
  buffer,
  createRuntime,
  defineComputeKernel,
  defineMessage,
  f16,
  f32,
  pipeline,
  struct,
  u32,
  unifiedBuffer,
} from "@ringline/core";
import { describe, expect, test } from "vitest";
import type { WebGpuOptions } from "../src/options.js";
import { webgpu } from "../src/webgpu.js";
import { Block, step } from "./support/kernels.js";

/** Adds one to each element, in place. */
const increment = (id: string) =>
  defineComputeKernel({
    id,
    kind: "program",
    input: Block,
    output: Block,
    update: ["values"],
    shape: () => ({}),
    passes: [{ entry: "add", elements: ({ values }) => values.length }],
    host(_, { values }) {
      for (const [i, x] of values.entries()) values[i] = x + 1;
    },
    wgsl: "fn add(i: u32) { values[i] += 1.0; }",
  });

const LAZY: WebGpuOptions = { readback: "lazy", pool: { poison: true } };

describe.each<WebGpuOptions>([{ pool: { poison: true } }, LAZY])("with %j", (options) => {
  const chains = [
    [increment("a")],
    [increment("a"), increment("b"), increment("c")],
    [step("a"), increment("b"), increment("c")],
    [increment("a"), step("b"), increment("c"), step("d")],
  ];
  test.each(chains.map((chain) => [chain.length, chain] as const))(
    "a chain of %s updates in place",
    async (_, chain) => {
      const runtime = createRuntime({ backend: webgpu(options) });
      const [first, ...rest] = chain as [(typeof chain)[number], ...typeof chain];
      const flow = await runtime.run(rest.reduce((all, stage) => all.stage(stage), pipeline("chain").stage(first)));
      let values = unifiedBuffer(f32, [1, 2, 3]);
      for (let round = 1; round <= 3; round++) {
        const input = values.retain();
        ({ values } = await flow.request(Block({ values }), { timeout: 20_000 }));
        const added = round * chain.length;
        expect([...(await values.read())]).toEqual([1 + added, 2 + added, 3 + added]);
        expect((await input.read())[0]).toBe(1 + added - chain.length);
        input.release();
      }
      expect((await flow.request(Block({ values: unifiedBuffer(f32, 0) }))).values.length).toBe(0);
      await runtime.dispose();
    },
  );
});

const Numbers = defineMessage("Numbers", struct({ numbers: buffer(u32) }));
const Kept = defineMessage("Kept", struct({ kept: buffer(u32) }));
const some = defineComputeKernel({
  id: "some",
  kind: "program",
  input: Numbers,
  output: Kept,
  counters: ["kept"],
  shape: ({ numbers }) => ({ kept: numbers.length }),
  passes: [{ entry: "pick", elements: ({ numbers }) => numbers.length }],
  host({ numbers }, out) {
    const kept = numbers.filter((n) => n % 3 === 0);
    out.kept.set(kept);
    return { kept: kept.length };
  },
  wgsl: "fn pick(i: u32) { if (numbers[i] % 3u == 0u) { append_kept(numbers[i]); } }",
});
const doubled = defineComputeKernel({
  id: "doubled",
  kind: "program",
  input: Kept,
  output: Numbers,
  shape: ({ kept }) => ({ numbers: kept.length }),
  passes: [{ entry: "twice", elements: ({ kept }) => kept.length }],
  host({ kept }, out) {
    for (const [i, n] of kept.entries()) out.numbers[i] = 2 * n;
  },
  wgsl: "fn twice(i: u32) { numbers[i] = 2u * kept[i] + 0u * arrayLength(&kept); }",
});

test("an array of a counted length goes on to the next stage without a readback", async () => {
  const runtime = createRuntime({ backend: webgpu(LAZY) });
  const flow = await runtime.run(pipeline("counted").stage(some).stage(doubled));
  for (const count of [0, 1, 7, 100]) {
    const values = Array.from({ length: count }, (_, i) => i);
    const { numbers } = await flow.request(Numbers({ numbers: unifiedBuffer(u32, values) }), { timeout: 20_000 });
    const wanted = values.filter((n) => n % 3 === 0).map((n) => 2 * n);
    expect([...(await numbers.read())].sort((a, b) => a - b)).toEqual(wanted);
    numbers.release();
  }
  const { stages } = await flow.telemetry();
  expect(stages[0]?.device?.bytesDown).toBe(stages[0]?.device?.batches ? 8 * stages[0].device.batches : 0);
  await runtime.dispose();
});

const Halves = defineMessage("Halves", struct({ halves: buffer(f16) }));
/** Gives each number as a half, by the host body where the device has none. */
const halved = defineComputeKernel({
  id: "halved",
  kind: "program",
  input: Block,
  output: Halves,
  fallback: "host",
  shape: ({ values }) => ({ halves: values.length }),
  passes: [{ entry: "convert", elements: ({ values }) => values.length }],
  host: ({ values }, out) => out.halves.set(values),
  wgsl: "fn convert(i: u32) { halves[i] = f16(values[i]); }",
});

test("a stage that falls back to its host body leaves the stage before it on the device", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const flow = await runtime.run(pipeline("halves").stage(step("first")).stage(halved));
  const { halves } = await flow.request(Block({ values: unifiedBuffer(f32, [1, 2]) }), { timeout: 20_000 });
  expect([...(await halves.read())]).toEqual([2, 3]);
  halves.release();
  const { stages } = await flow.telemetry();
  expect(stages.map(({ processed }) => processed)).toEqual([1, 1]);
  expect(stages[0]?.device?.batches).toBe(1);
  await runtime.dispose();
});

describe("a definition is refused", () => {
  const base = {
    id: "refused",
    kind: "program",
    input: Numbers,
    output: Kept,
    shape: () => ({ kept: 1 }),
    host() {},
    wgsl: "fn go(i: u32) {}",
  } as const;
  const pass = { entry: "go", elements: () => 1 };
  test.each<[name: string, more: object, argument: string]>([
    ["a counter that is no name", { counters: ["no name"] }, "counters"],
    ["a counter that is listed twice", { counters: ["n", "n"] }, "counters"],
    ["a pass with an unknown counter", { counters: ["n"], passes: [{ ...pass, count: "m" }] }, "passes.count"],
    ["a loop with an unknown counter", { passes: [{ loop: [pass], most: () => 1, while: "m" }] }, "passes.while"],
    [
      "a loop that resets an output's counter",
      { counters: ["kept"], passes: [{ loop: [pass], most: () => 1, while: "kept" }] },
      "passes.while",
    ],
    ["a loop without a bound", { passes: [{ loop: [pass] }] }, "passes.loop"],
    [
      "a loop with a repeated pass",
      { passes: [{ loop: [{ ...pass, repeat: () => 1 }], most: () => 1 }] },
      "passes.repeat",
    ],
    ["uniforms that are not declared", { passes: [{ ...pass, uniforms: () => ({}) }] }, "passes.uniforms"],
    ["uniforms with an array", { uniforms: struct({ a: struct({ n: u32 }) }) }, "uniforms"],
    ["an update of an array that is no input", { update: ["kept"] }, "update"],
    [
      "an array called counts beside counters",
      { counters: ["n"], scratch: { counts: { of: u32, length: () => 1 } } },
      "arrays",
    ],
    ["too large a workgroup", { passes: [{ ...pass, workgroup: [32, 64] }] }, "passes.workgroup"],
    ["an unknown option of a pass", { passes: [{ ...pass, lanes: 1 }] }, "passes.lanes"],
  ])("%s", (_, more, argument) => {
    const make = () => defineComputeKernel({ ...base, passes: [pass], ...more } as never);
    expect(make).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
    );
  });

  test("an atomic anywhere but in an array", () => {
    expect(() => struct({ n: atomic(u32) })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(() => atomic(f32 as never)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
