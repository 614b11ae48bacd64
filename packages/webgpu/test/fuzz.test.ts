import {
  buffer,
  createRuntime,
  defineComputeKernel,
  defineMessage,
  isRinglineError,
  struct,
  u32,
  unifiedBuffer,
} from "@ringline/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { webgpu } from "../src/webgpu.js";

const In = defineMessage("In", struct({ numbers: buffer(u32), by: u32, isBad: u32 }));
const Out = defineMessage("Out", struct({ kept: buffer(u32), total: u32, count: u32 }));
type Ask = { readonly numbers: readonly number[]; readonly by: number; readonly isBad: boolean };

/** Keeps every `by`-th number, adds all up by halves, and counts. */
const halving = defineComputeKernel({
  id: "halving",
  kind: "program",
  input: In,
  output: Out,
  shape: ({ numbers, isBad }) => ({ kept: isBad ? Number.NaN : numbers.length }),
  scratch: { heap: { of: u32, length: ({ numbers }) => numbers.length } },
  passes: [
    { entry: "load", elements: ({ numbers }) => numbers.length, workgroup: 1 },
    {
      entry: "fold",
      elements: ({ numbers }, step) => Math.floor(Math.ceil(numbers.length / 2 ** step) / 2),
      repeat: ({ numbers }) => Math.ceil(Math.log2(Math.max(1, numbers.length))),
    },
    { entry: "tell", elements: ({ numbers }) => Math.min(1, numbers.length) },
  ],
  host({ numbers, by }, out) {
    let [total, count] = [0, 0];
    for (const [i, n] of numbers.entries()) {
      total = (total + n) >>> 0;
      if (i % by !== 0) continue;
      out.kept[i] = n;
      count++;
    }
    return { total, count };
  },
  wgsl: `fn load(i: u32) {
    heap[i] = numbers[i];
    if (i % params.by == 0u) { kept[i] = numbers[i]; }
  }
  fn fold(i: u32, step: u32) {
    let size = (arrayLength(&numbers) + (1u << step) - 1u) >> step;
    heap[i] += heap[size - 1u - i];
  }
  fn tell(i: u32) {
    result.total = heap[0];
    result.count = (arrayLength(&numbers) + params.by - 1u) / params.by;
  }`,
});

function onHost({ numbers, by, isBad }: Ask) {
  if (isBad) return "INVALID_ARGUMENT";
  const kept = numbers.map((n, i) => (i % by === 0 ? n : 0));
  const total = numbers.reduce((sum, n) => (sum + n) >>> 0, 0);
  return { kept, total, count: Math.ceil(numbers.length / by) };
}

const sizes = fc.oneof(fc.constantFrom(0, 1, 2, 63, 64, 65, 127, 128), fc.integer({ min: 0, max: 300 }), {
  weight: 1,
  arbitrary: fc.constantFrom(65_535, 65_536, 70_001),
});
const ask = fc.record({
  numbers: fc
    .tuple(sizes, fc.integer({ min: 0, max: 2 ** 32 - 1 }))
    .map(([length, seed]) => Array.from({ length }, (_, i) => (seed + Math.imul(i, 2_654_435_761)) >>> 0)),
  by: fc.integer({ min: 1, max: 9 }),
  isBad: fc.nat(9).map((n) => n === 0),
});

test("whatever the sizes, in shared batches and with garbage in all memory, device and host agree", async () => {
  const runtime = createRuntime({ backend: webgpu({ pool: { poison: true } }) });
  runtime.on("error", () => {});
  const handle = await runtime.start(halving);
  const done = async ({ numbers, by, isBad }: Ask) => {
    try {
      const message = In({ numbers: unifiedBuffer(u32, numbers), by, isBad: Number(isBad) });
      const { kept, total, count } = await handle.request(message, { timeout: 60_000 });
      const got = { kept: [...(await kept.read())], total, count };
      kept.release();
      return got;
    } catch (error) {
      return isRinglineError(error) ? error.code : error;
    }
  };
  const batches = fc.array(ask, { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(batches, async (asks) => {
      expect(await Promise.all(asks.map(done))).toEqual(asks.map(onHost));
    }),
    { numRuns: 60 },
  );
  await runtime.dispose();
}, 120_000);
