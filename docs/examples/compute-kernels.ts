import {
  type Backend,
  buffer,
  createRuntime,
  defineComputeKernel,
  defineMessage,
  f32,
  pipeline,
  struct,
  u32,
  unifiedBuffer,
} from "@ringline/core";

const Reading = defineMessage("Reading", struct({ sensor: u32, celsius: f32 }));
const Mean = defineMessage("Mean", struct({ sensor: u32, celsius: f32, count: u32 }));

/** Maps one message to one message, and keeps a sum and a count for each sensor on the device. */
export const mean = defineComputeKernel({
  id: "mean",
  module: import.meta.url,
  kind: "map",
  input: Reading,
  output: Mean,
  tolerance: 1e-6,
  state: { layout: struct({ sum: f32, count: u32 }), slots: 16, key: "sensor" },
  host({ sensor, celsius }, state) {
    state.sum += celsius;
    state.count++;
    return { sensor, celsius: state.sum / state.count, count: state.count };
  },
  wgsl: `
    fn map(m: Reading, s: ptr<storage, State, read_write>) -> Mean {
      (*s).sum += m.celsius;
      (*s).count++;
      return Mean(m.sensor, (*s).sum / f32((*s).count), (*s).count);
    }`,
});

const Signal = defineMessage("Signal", struct({ values: buffer(f32), gain: f32 }));

/** Passes over whole arrays. */
export const amplify = defineComputeKernel({
  id: "amplify",
  module: import.meta.url,
  kind: "program",
  input: Signal,
  output: Signal,
  shape: ({ values }) => ({ values: values.length }),
  passes: [{ entry: "amplify", elements: ({ values }) => values.length }],
  host({ values, gain }, out) {
    for (const [i, x] of values.entries()) out.values[i] = x * gain;
    return { gain: 1 };
  },
  wgsl: `
    fn amplify(i: u32) {
      out_values[i] = values[i] * params.gain;
      if (i == 0u) { result.gain = 1.0; }
    }`,
});

/** Adds up the values: by subgroups where the device has them. */
export const total = defineComputeKernel({
  id: "total",
  module: import.meta.url,
  kind: "program",
  input: Signal,
  output: Mean,
  tolerance: 1e-5,
  constants: { LANES: 32 },
  shape: () => ({}),
  scratch: { sums: { of: f32, length: () => 32 } },
  passes: [
    { entry: "add", elements: () => 32 },
    { entry: "finish", elements: () => 1 },
  ],
  variants: [
    {
      features: ["subgroups"],
      passes: [{ entry: "all", elements: () => 32 }],
      wgsl: `
        enable subgroups;
        override LANES: u32;
        @compute @workgroup_size(LANES)
        fn all(@builtin(local_invocation_index) lane: u32, @builtin(subgroup_size) size: u32) {
          var sum = 0.0;
          for (var i = lane % size; i < arrayLength(&values); i += min(size, LANES)) { sum += values[i]; }
          sum = subgroupAdd(sum);
          if (lane == 0u) { result = Mean(0u, sum, arrayLength(&values)); }
        }`,
    },
  ],
  host: ({ values }) => ({ sensor: 0, celsius: values.reduce((sum, x) => sum + x, 0), count: values.length }),
  wgsl: `
    override LANES: u32;
    fn add(lane: u32) {
      for (var i = lane; i < arrayLength(&values); i += LANES) { sums[lane] += values[i]; }
    }
    fn finish(i: u32) {
      for (var lane = 0u; lane < LANES; lane++) { result.celsius += sums[lane]; }
      result.count = arrayLength(&values);
    }`,
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using means = await runtime.run(pipeline("means").stage(mean));
  const readings = [20, 30, 10].map((celsius, i) => Reading({ sensor: i % 2, celsius }));
  for await (const { sensor, celsius } of means.process(readings)) console.log(`sensor ${sensor}: ${celsius}`);

  const handle = await runtime.start(amplify);
  const { values } = await handle.request(Signal({ values: unifiedBuffer(f32, [1, 2, 3]), gain: 2 }));
  console.log([...(await values.read())].join(" "), `of ${values.byteLength} bytes`);
  values.release();

  const adder = await runtime.start(total);
  const sum = await adder.request(Signal({ values: unifiedBuffer(f32, [1, 2, 3, 4]), gain: 1 }));
  console.log(`sum of ${sum.count}: ${sum.celsius}`);
}
