import {
  atomic,
  type Backend,
  buffer,
  createRuntime,
  defineComputeKernel,
  defineMessage,
  f32,
  struct,
  u32,
  unifiedBuffer,
} from "@ringline/core";

const Samples = defineMessage("Samples", struct({ values: buffer(f32), limit: f32 }));
const Peaks = defineMessage("Peaks", struct({ peaks: buffer(f32) }));

/** Keeps the values above a limit: how many these are is known on the device only. */
export const peaks = defineComputeKernel({
  id: "peaks",
  module: import.meta.url,
  kind: "program",
  input: Samples,
  output: Peaks,
  counters: ["peaks"],
  shape: ({ values }) => ({ peaks: values.length }),
  passes: [{ entry: "find", elements: ({ values }) => values.length }],
  host({ values, limit }, out) {
    const found = values.filter((x) => x > limit);
    out.peaks.set(found);
    return { peaks: found.length };
  },
  wgsl: "fn find(i: u32) { if (values[i] > params.limit) { append_peaks(values[i]); } }",
});

const Image = defineMessage("Image", struct({ pixels: buffer(f32), wide: u32, high: u32 }));
const Levels = defineMessage("Levels", struct({ levels: buffer(atomic(u32)) }));

/** Counts the pixels of each of four levels: first in the memory of a workgroup, then for all. */
export const levels = defineComputeKernel({
  id: "levels",
  module: import.meta.url,
  kind: "program",
  input: Image,
  output: Levels,
  shape: () => ({ levels: 4 }),
  passes: [{ entry: "count", elements: ({ wide, high }) => [wide, high] }],
  host({ pixels }, { levels }) {
    for (const x of pixels) levels[Math.min(3, Math.floor(x * 4))]! += 1;
  },
  wgsl: `
    var<workgroup> own: array<atomic<u32>, 4>;
    @compute @workgroup_size(8, 8)
    fn count(@builtin(global_invocation_id) at: vec3u, @builtin(local_invocation_index) lane: u32) {
      if (at.x < params.wide && at.y < params.high) {
        atomicAdd(&own[min(3u, u32(pixels[at.y * params.wide + at.x] * 4.0))], 1u);
      }
      workgroupBarrier();
      if (lane < 4u) { atomicAdd(&levels[lane], atomicLoad(&own[lane])); }
    }`,
});

/** Spreads heat in place until nothing changes by more than the limit, for 1,000 rounds at most. */
export const settled = defineComputeKernel({
  id: "settled",
  module: import.meta.url,
  kind: "program",
  input: Samples,
  output: Samples,
  tolerance: 1e-4,
  update: ["values"],
  counters: ["changed"],
  uniforms: struct({ share: f32 }),
  shape: () => ({}),
  scratch: { next: { of: f32, length: ({ values }) => values.length } },
  passes: [
    {
      loop: [
        { entry: "spread", elements: ({ values }) => values.length, uniforms: () => ({ share: 0.25 }) },
        { entry: "keep", elements: ({ values }) => values.length },
      ],
      most: () => 1000,
      while: "changed",
    },
  ],
  host({ limit }, { values }) {
    for (let round = 0, isChanged = true; isChanged && round < 1000; round++) {
      const next = values.map((x, i) => x + 0.25 * ((values[i - 1] ?? x) + (values[i + 1] ?? x) - 2 * x));
      isChanged = values.some((x, i) => Math.abs(x - next[i]!) > limit);
      values.set(next);
    }
    return { limit };
  },
  wgsl: `
    fn spread(i: u32) {
      let left = values[max(i, 1u) - 1u];
      let right = values[min(i + 1u, arrayLength(&values) - 1u)];
      next[i] = values[i] + uniforms.share * (left + right - 2.0 * values[i]);
    }
    fn keep(i: u32) {
      if (abs(next[i] - values[i]) > params.limit) { atomicStore(&counts.changed, 1u); }
      values[i] = next[i];
      result.limit = params.limit;
    }`,
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const finder = await runtime.start(peaks);
  const found = await finder.request(Samples({ values: unifiedBuffer(f32, [1, 7, 3, 8, 5]), limit: 4 }));
  console.log(`${found.peaks.length} peaks: ${[...(await found.peaks.read())].sort().join(" ")}`);
  found.peaks.release();

  const counter = await runtime.start(levels);
  const pixels = unifiedBuffer(f32, [0, 0.3, 0.6, 0.9, 1, 0.1]);
  const counted = await counter.request(Image({ pixels, wide: 3, high: 2 }));
  console.log(`levels: ${[...(await counted.levels.read())].join(" ")}`);
  counted.levels.release();

  const spreader = await runtime.start(settled);
  const { values } = await spreader.request(Samples({ values: unifiedBuffer(f32, [8, 0, 0, 0]), limit: 1e-3 }));
  console.log(`settled: ${[...(await values.read())].map((x) => x.toFixed(1)).join(" ")}`);
  values.release();
}
