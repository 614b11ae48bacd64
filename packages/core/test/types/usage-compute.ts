/** Compute kernels, layouts and buffers, and flows over several backends: what users write and the types they come to. */
import {
  array,
  type Backend,
  body,
  buffer,
  createRuntime,
  defineComputeKernel,
  defineKernel,
  defineMessage,
  errors,
  f32,
  isRinglineError,
  type Message,
  type MessageOf,
  pipeline,
  type Runtime,
  struct,
  u32,
  unifiedBuffer,
  vec3f,
} from "@ringline/core";
import { z } from "zod";
import { same } from "./same.js";
import { Flush, inProcess } from "./usage.js";
import { diamond, Result, Summary } from "./usage-topologies.js";

declare function workerThreads(options?: { threads: number }): Backend;
declare function webgpu(options?: { fallback: "host" }): Backend;

// ── kernels

/** Keeps its sum over restarts. */
export const counter = defineKernel({
  id: "counter",
  input: [Result, Flush],
  output: Summary,
  state: body<{ count: number; total: number }>(),
  supervise: { restart: "on-failure", limit: { max: 5, window: 10_000 }, onCrash: "retry", effects: "commit" },
  async run(ctx) {
    const now = { ...(ctx.restored ?? { count: 0, total: 0 }) };
    ctx.onFlush(() => ctx.send(Summary(now)));
    for await (const message of ctx) {
      if (message.type === "Flush") {
        await ctx.send(Summary(now, { replyTo: message }));
      } else {
        now.count += 1;
        now.total += message.n;
        await ctx.checkpoint(now);
      }
    }
  },
});

export function explain(error: unknown): string {
  if (error instanceof errors.EXPIRED) return String(error.details.late);
  if (!isRinglineError(error)) return "not ours";
  switch (error.code) {
    case "QUEUE_FULL":
      return `queue of ${error.details.queueSize}`;
    case "DEVICE_LOST":
      return error.details.reason;
    default:
      return `${error.code} in ${error.kernelId}: ${error.remedy}`;
  }
}
export async function monitoring(runtime: Runtime<"main", {}>) {
  using _ = runtime.on("stalled", ({ kernelId, waitsOn }) => console.log(kernelId, waitsOn));
  const flow = await runtime.run(diamond);
  console.log((await flow.telemetry()).bottleneck, flow.describe().mermaid);
}

// ── compute kernels

const Reading = defineMessage("Reading", struct({ sensor: u32, value: f32, at: vec3f, last: array(f32, 4) }));
const Alarm = defineMessage("Alarm", struct({ sensor: u32, z: f32 }));
type ReadingBody = { sensor: number; value: number; at: readonly [number, number, number]; last: Float32Array };
same<MessageOf<typeof Reading>, Message<"Reading", ReadingBody>>();

/** Map kind: filter and resident state. */
export const anomaly = defineComputeKernel({
  id: "anomaly",
  kind: "map",
  input: Reading,
  output: Alarm,
  tolerance: 1e-5,
  filter: true,
  batch: { max: 4096, linger: 2 },
  state: { layout: struct({ mean: f32, n: u32 }), slots: 256, key: "sensor" },
  host(m, state) {
    state.n += 1;
    state.mean += (m.value - state.mean) / state.n;
    const z = Math.abs(m.value - state.mean);
    return z > 3 ? { sensor: m.sensor, z } : null;
  },
  wgsl: "fn map(m: Reading, out: ptr<function, Alarm>, s: ptr<storage, State, read_write>) -> bool { … }",
});

const Signal = defineMessage("Signal", struct({ values: buffer(f32), gain: f32 }));
const Normal = defineMessage("Normal", struct({ values: buffer(f32) }));
/** Program kind: passes over a large array. */
export const normalise = defineComputeKernel({
  id: "normalise",
  kind: "program",
  input: Signal,
  output: Normal,
  tolerance: 1e-6,
  shape: (m) => ({ values: m.values.length }),
  scratch: { range: { of: f32, length: () => 2 } },
  host(input, output) {
    same<typeof input.values, Float32Array>();
    const min = Math.min(...input.values);
    input.values.forEach((x, i) => {
      output.values[i] = (x - min) * input.gain;
    });
  },
  passes: [
    { entry: "minmax", elements: () => 1 },
    { entry: "scale", elements: (m) => m.values.length, workgroup: 256 },
  ],
  wgsl: "@compute … fn minmax() { … } @compute … fn scale() { … }",
});
const smooth = defineComputeKernel({
  id: "smooth",
  kind: "program",
  input: Normal,
  output: Normal,
  shape: (m) => ({ values: m.values.length }),
  host: (input, output) => output.values.set(input.values),
  passes: [{ entry: "smooth", elements: (m) => m.values.length }],
  wgsl: "…",
});

export async function gpu() {
  await using runtime = createRuntime({ backend: webgpu({ fallback: "host" }) });
  await using flow = await runtime.run(pipeline("signal").stage(normalise).stage(smooth));
  using values = unifiedBuffer(f32, 1_000_000);
  const out = await flow.request(Signal({ values, gain: 2 }), { timeout: 5000 });
  const host = await out.values.read();
  same<typeof host, Float32Array>();
}

// ── several backends in one flow

const Report = defineMessage("Report", z.object({ mean: z.number() }));
const report = defineKernel({
  id: "report",
  input: Normal,
  output: Report,
  async handle(m) {
    const xs = await m.values.read();
    return Report({ mean: xs.reduce((sum, x) => sum + x, 0) / xs.length });
  },
});
export const mixed = pipeline("mixed", { module: import.meta.url })
  .stage(normalise, { backend: "gpu" })
  .stage(smooth, { backend: "gpu" })
  .stage(report, { backend: "threads", workers: 4, onError: "reply" });
export async function mixedBackends(source: AsyncIterable<Float32Array>) {
  const backends = { main: inProcess(), threads: workerThreads({ threads: 4 }), gpu: webgpu() };
  await using runtime = createRuntime({ backends, defaultBackend: "main" });
  await using flow = await runtime.run(mixed, { maxInFlight: 16 });
  async function* signals() {
    for await (const chunk of source) yield Signal({ values: unifiedBuffer(f32, chunk), gain: 1 });
  }
  for await (const out of flow.process(signals())) if (Report.is(out)) console.log(out.mean);
}
