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

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using means = await runtime.run(pipeline("means").stage(mean));
  const readings = [20, 30, 10].map((celsius, i) => Reading({ sensor: i % 2, celsius }));
  for await (const { sensor, celsius } of means.process(readings)) console.log(`sensor ${sensor}: ${celsius}`);

  const handle = await runtime.start(amplify);
  const { values } = await handle.request(Signal({ values: unifiedBuffer(f32, [1, 2, 3]), gain: 2 }));
  console.log([...(await values.read())].join(" "), `of ${values.byteLength} bytes`);
  values.release();
}
