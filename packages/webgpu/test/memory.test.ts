import {
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
  vec3f,
} from "@ringline/core";
import { expect, test } from "vitest";
import type { WebGpuOptions } from "../src/options.js";
import { webgpu } from "../src/webgpu.js";

const In = defineMessage("In", struct({ values: buffer(f32), most: u32 }));
const Mid = defineMessage("Mid", struct({ values: buffer(f32) }));
const Out = defineMessage("Out", struct({ sparse: buffer(f32), sum: f32, length: u32, odd: buffer(f32) }));

/** Works on the first `most` elements alone. */
const partly = defineComputeKernel({
  id: "partly",
  kind: "program",
  input: In,
  output: Mid,
  shape: ({ values }) => ({ values: values.length }),
  passes: [{ entry: "some", elements: ({ most }) => most }],
  host({ values, most }, out) {
    for (let i = 0; i < most; i++) out.values[i] = values[i] as number;
  },
  wgsl: "fn some(i: u32) { out_values[i] = values[i]; }",
});

/** Writes some elements, adds up scratch that nobody has written, and reads what an empty array has in the place of its first. */
const sparse = defineComputeKernel({
  id: "sparse",
  kind: "program",
  input: Mid,
  output: Out,
  shape: ({ values }) => ({ sparse: values.length + 3, odd: values.length }),
  scratch: { unwritten: { of: f32, length: ({ values }) => values.length + 1 } },
  passes: [{ entry: "pick", elements: ({ values }) => values.length, workgroup: 1 }],
  host({ values }, out) {
    values.forEach((x, i) => {
      if (x > 2) out.sparse[i] = x;
    });
    const { length } = values;
    return length === 0 ? { sum: 0, length: 0 } : { sum: values.reduce((a, b) => a + b, 0), length };
  },
  wgsl: `fn pick(i: u32) {
    if (values[i] > 2.0) { sparse[i] = values[i]; }
    if (i > 0u) { return; }
    let all = &values;
    var sum = 0.0;
    if (arrayLength(&values) == 0u) { sum = values[0]; }
    for (var k = 0u; k < arrayLength(all); k++) { sum += values[k] + unwritten[k] + odd[k]; }
    result.sum = sum;
    result.length = arrayLength( & values );
  }`,
});

const numbers = (...values: number[]) => In({ values: unifiedBuffer(f32, values), most: values.length });

test.each<WebGpuOptions>([
  { pool: { poison: true } },
  { pool: { poison: true }, readback: "lazy" },
  { pool: { poison: true }, batch: { depth: 1 } },
])("with garbage in every buffer, a kernel sees zeros wherever nobody wrote: %j", async (options) => {
  const runtime = createRuntime({ backend: webgpu(options) });
  const flow = await runtime.run(pipeline("chain").stage(partly).stage(sparse));
  const ask = async (message: ReturnType<typeof In>) => {
    const { sparse, odd, sum, length } = await flow.request(message, { timeout: 60_000 });
    const got = { sparse: [...(await sparse.read())], odd: [...(await odd.read())], sum, length };
    sparse.release();
    odd.release();
    return got;
  };
  for (let round = 0; round < 4; round++) {
    const empty = await ask(numbers());
    expect(empty).toEqual({ sparse: [0, 0, 0], odd: [], sum: 0, length: 0 });
    const some = await ask(numbers(1, 2, 3, 4, 5));
    expect(some).toEqual({ sparse: [0, 0, 3, 4, 5, 0, 0, 0], odd: [0, 0, 0, 0, 0], sum: 15, length: 5 });
    const few = await ask(In({ values: unifiedBuffer(f32, [7, 8, 9]), most: 1 }));
    expect(few).toEqual({ sparse: [7, 0, 0, 0, 0, 0], odd: [0, 0, 0], sum: 7, length: 3 });
  }
  await runtime.dispose();
});

const Cell = struct({ at: vec3f, n: u32 });
const Cells = defineMessage("Cells", struct({ cells: buffer(Cell), points: buffer(vec3f) }));
const Seen = defineMessage("Seen", struct({ cells: u32, points: u32, first: f32, moved: buffer(vec3f) }));
const look = defineComputeKernel({
  id: "look",
  kind: "program",
  input: Cells,
  output: Seen,
  shape: ({ points }) => ({ moved: points.length }),
  passes: [
    { entry: "look", elements: () => 1 },
    { entry: "move_on", elements: ({ points }) => points.length },
  ],
  host({ cells, points }, out) {
    const first = cells[0]?.n ?? 0;
    points.forEach((point, i) => {
      (out.moved as unknown as number[][])[i] = point.map((x) => x + 1);
    });
    return { cells: cells.length, points: points.length, first };
  },
  wgsl: `fn look(i: u32) {
    result.cells = arrayLength(&cells);
    result.points = arrayLength(&points);
    result.first = f32(cells[0].n) + points[0].x * 0.0;
  }
  fn move_on(i: u32) { moved[i] = points[i] + 1.0; }`,
});

test("arrays of structs and of vec3f may be empty", async () => {
  const runtime = createRuntime({ backend: webgpu({ pool: { poison: true } }) });
  const handle = await runtime.start(look);
  const ask = async (cells: unknown[], points: number[][]) => {
    const message = Cells({
      cells: unifiedBuffer(Cell, cells as never),
      points: unifiedBuffer(vec3f, points as never),
    });
    const { cells: count, points: length, first, moved } = await handle.request(message, { timeout: 60_000 });
    return [count, length, first, ...(await moved.read())];
  };
  for (let round = 0; round < 3; round++) {
    expect(await ask([{ at: [1, 2, 3], n: 9 }], [[1, 2, 3]])).toEqual([1, 1, 9, [2, 3, 4]]);
    expect(await ask([], [])).toEqual([0, 0, 0]);
  }
  await runtime.dispose();
});

const Halves = defineMessage("Halves", struct({ halves: buffer(f16) }));
const Count = defineMessage("Count", struct({ count: u32 }));
const count = defineComputeKernel({
  id: "count",
  kind: "program",
  input: Halves,
  output: Count,
  shape: () => ({}),
  passes: [{ entry: "tell", elements: () => 1 }],
  host: ({ halves }) => ({ count: halves.length }),
  wgsl: "fn tell(i: u32) { result.count = arrayLength(&halves); }",
});

test("an odd number of halves is that number, where they work; else the kernel is refused", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const handle = await runtime.start(count).catch(({ code }) => code);
  if (handle !== "UNSUPPORTED") {
    const { count: seen } = await handle.request(Halves({ halves: unifiedBuffer(f16, [1, 2, 3]) }));
    expect(seen).toBe(3);
  }
  await runtime.dispose();
});
