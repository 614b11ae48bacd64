import { createRuntime, f32, i32, type Kernel, pipeline, u32, unifiedBuffer, vec2f } from "@ringline/core";
import { type ChainStage, type KernelDefinition, stagesOf } from "@ringline/core/internal";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import * as kernels from "../src/kernels.js";
import { webgpu } from "../src/webgpu.js";

const { F32Array, U32Array, I32Array, Complex, Matrices, Plane, Points } = kernels;

const device = createRuntime({ backend: webgpu({ pool: { poison: true } }) });
device.on("error", () => {});
device.on("deadLetter", () => {});
afterAll(() => device.dispose());

// biome-ignore lint/suspicious/noExplicitAny: kernels of all types
type Any = any;

/** Outcome of a message: all its fields, arrays as lists, or the code of its error. */
async function outcome(answer: Promise<Any>): Promise<Any> {
  try {
    const { messageId, correlationId, priority, ...fields } = await answer;
    const read: Record<string, unknown> = {};
    for (const [name, value] of Object.entries<Any>({ ...fields })) {
      read[name] = typeof value === "number" ? value : [...(await value.read())].flat();
      if (typeof value !== "number") value.release();
    }
    return read;
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

function near(got: Any, wanted: Any, tolerance: number): void {
  if (typeof wanted === "string" || typeof got === "string") return void expect(got).toEqual(wanted);
  for (const [name, value] of Object.entries<Any>(wanted)) {
    const [a, b] = [got[name], value].map((one) => (typeof one === "number" ? [one] : one)) as [number[], number[]];
    expect(a.length, name).toBe(b.length);
    const largest = Math.max(1, ...b.map(Math.abs));
    const wrong = b.findIndex((x, i) => !(Math.abs((a[i] as number) - x) <= tolerance * largest || Object.is(a[i], x)));
    expect(wrong < 0 ? "all" : `${name}[${wrong}] is ${a[wrong]} instead of ${b[wrong]}`).toBe("all");
  }
}

const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 1, 2, 3, 63, 64, 65, 255, 257, 1000) },
  { weight: 1, arbitrary: fc.constantFrom(4095, 4096, 4097, 70_001) },
);
/** Quarters, whose sums are exact in whatever order. */
const floats = fc.tuple(sizes, fc.nat()).map(([n, seed]) => list(n, (i) => (noise(seed + i) % 801) / 4 - 100));
const whole = fc.tuple(sizes, fc.nat()).map(([n, seed]) => list(n, (i) => noise(seed + i)));
const list = (n: number, of: (i: number) => number) => Array.from({ length: n }, (_, i) => of(i));
const noise = (n: number) => Math.imul(n ^ (n >>> 15), 2_654_435_761) >>> 0;

const f = (values: readonly number[]) => F32Array({ values: unifiedBuffer(f32, values) });
const u = (values: readonly number[]) => U32Array({ values: unifiedBuffer(u32, values) });
const i = (values: readonly number[]) =>
  I32Array({
    values: unifiedBuffer(
      i32,
      values.map((x) => x | 0),
    ),
  });

let made = 0;
/** Runs messages on both, some at once, and compares them. */
function agrees<T>(
  make: (id: string) => Kernel<string, Any, Any, never>,
  inputs: fc.Arbitrary<T>,
  message: (input: T) => Any,
  runs = 12,
) {
  return async () => {
    const kernel = make(`kernel${made++}`);
    const handle = await device.start(kernel as Any);
    const { plan, host } = stagesOf(kernel as unknown as KernelDefinition)[0] as ChainStage;
    const onHost = async (one: T) => {
      const input = message(one);
      const result = await outcome((async () => host(input, {}))());
      for (const value of Object.values<Any>({ ...input })) value?.release?.();
      return result;
    };
    const onDevice = (one: T) => outcome(handle.request(message(one) as never, { timeout: 30_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(inputs, { minLength: 1, maxLength: 6 }), async (all) => {
        const [wanted, got] = await Promise.all([Promise.all(all.map(onHost)), Promise.all(all.map(onDevice))]);
        for (const [at, one] of wanted.entries()) near(got[at], one, plan.tolerance);
      }),
      { numRuns: runs },
    );
    await handle.terminate();
  };
}

describe("device and host agree", { timeout: 120_000 }, () => {
  const square = {
    host: (x: number) => x * x,
    wgsl: "fn each(x: f32, i: u32) -> f32 { return x * x; }",
    tolerance: 1e-6,
  };
  const tenth = {
    of: "i32",
    to: "f32",
    host: (x: number, at: number) => Math.fround(x) * 0.5 + at,
    wgsl: "fn each(x: i32, i: u32) -> f32 { return f32(x) * 0.5 + f32(i); }",
    tolerance: 1e-6,
  } as const;
  test(
    "map",
    agrees((id) => kernels.map({ id, ...square }), floats, f),
  );
  test(
    "map to another type",
    agrees((id) => kernels.map({ id, ...tenth }), whole, i),
  );
  for (const operation of ["sum", "min", "max"] as const) {
    test(
      `reduce: ${operation} of f32`,
      agrees((id) => kernels.reduce({ id, operation }), floats, f),
    );
    test(
      `reduce: ${operation} of u32`,
      agrees((id) => kernels.reduce({ id, operation, of: "u32" }), whole, u, 6),
    );
    test(
      `reduce: ${operation} of i32`,
      agrees((id) => kernels.reduce({ id, operation, of: "i32" }), whole, i, 6),
    );
  }
  for (const kind of ["inclusive", "exclusive"] as const) {
    test(
      `scan: ${kind} of f32`,
      agrees((id) => kernels.scan({ id, kind }), floats, f),
    );
    test(
      `scan: ${kind} of u32`,
      agrees((id) => kernels.scan({ id, kind, of: "u32" }), whole, u),
    );
  }
  const keep = { host: (x: number) => x > 0, wgsl: "fn keep(x: f32) -> bool { return x > 0.0; }" };
  test(
    "compact",
    agrees((id) => kernels.compact({ id, ...keep }), floats, f),
  );
  test(
    "histogram",
    agrees((id) => kernels.histogram({ id, bins: 17, min: -70, max: 90 }), floats, f),
  );
  for (const direction of ["ascending", "descending"] as const) {
    test(
      `radixSort: ${direction} f32`,
      agrees((id) => kernels.radixSort({ id, direction }), floats, f),
    );
    test(
      `radixSort: ${direction} i32`,
      agrees((id) => kernels.radixSort({ id, direction, of: "i32" }), whole, i, 6),
    );
  }
  test(
    "topK",
    agrees((id) => kernels.topK({ id, k: 10 }), floats, f),
  );

  const matrices = fc.record({
    rows: fc.nat(20),
    inner: fc.nat(20),
    columns: fc.nat(20),
    isBad: fc.nat(9),
    seed: fc.nat(),
  });
  test(
    "matmul",
    agrees(
      (id) => kernels.matmul({ id }),
      matrices,
      ({ rows, inner, columns, isBad, seed }) => {
        const numbers = (n: number) =>
          unifiedBuffer(
            f32,
            list(n, (at) => (noise(seed + at) % 19) - 9),
          );
        return Matrices({
          a: numbers(rows * inner + Number(isBad === 0)),
          b: numbers(inner * columns),
          rows,
          inner,
          columns,
        });
      },
    ),
  );
  const planes = fc.record({ wide: fc.nat(40), high: fc.nat(20), seed: fc.nat() });
  const weights = [
    [1, 2, 1, 0, -1],
    [2, 4, 2, 0.5, 0],
    [1, 2, 1, 0, 0],
  ];
  test(
    "convolve",
    agrees(
      (id) => kernels.convolve({ id, weights }),
      planes,
      ({ wide, high, seed }) =>
        Plane({
          pixels: unifiedBuffer(
            f32,
            list(wide * high, (at) => noise(seed + at) % 256),
          ),
          wide,
          high,
        }),
    ),
  );
  const lengths = fc.record({ n: fc.constantFrom(0, 1, 2, 4, 8, 100, 256, 1024, 2048), seed: fc.nat() });
  for (const isInverse of [false, true]) {
    test(
      `fft, inverse: ${isInverse}`,
      agrees(
        (id) => kernels.fft({ id, isInverse, most: 1024 }),
        lengths,
        ({ n, seed }) =>
          Complex({
            values: unifiedBuffer(
              vec2f,
              list(n, (at) => [noise(seed + at) % 10, noise(seed - at) % 10] as Any),
            ),
          }),
      ),
    );
  }
  const points = fc.record({ n: fc.constantFrom(0, 1, 7, 300, 1000), k: fc.nat(6), more: fc.nat(9), seed: fc.nat() });
  test(
    "kMeansStep",
    agrees(
      (id) => kernels.kMeansStep({ id, dimensions: 3 }),
      points,
      ({ n, k, more, seed }) => {
        const numbers = (count: number) =>
          unifiedBuffer(
            f32,
            list(count, (at) => noise(seed + at) % 100),
          );
        return Points({ points: numbers(3 * n + Number(more === 0)), centres: numbers(3 * k) });
      },
    ),
  );
});

test("kernels of the library are stages of a pipeline", async () => {
  const { map, compact, scan, reduce } = kernels;
  const chain = pipeline("library")
    .stage(map({ id: "halve", host: (x) => x / 2, wgsl: "fn each(x: f32, i: u32) -> f32 { return x / 2.0; }" }))
    .stage(
      compact({
        id: "whole",
        host: (x) => x === Math.floor(x),
        wgsl: "fn keep(x: f32) -> bool { return x == floor(x); }",
      }),
    )
    .stage(scan({ id: "sums" }))
    .stage(reduce({ id: "largest", operation: "max" }));
  const flow = await device.run(chain);
  const { value, count } = await flow.request(f(list(101, (at) => at)), { timeout: 30_000 });
  expect([value, count]).toEqual([1275, 51]);
});
