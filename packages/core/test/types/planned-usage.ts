/** The patterns of the seed and the plan that need what is not built yet, and the types they come to. */
import { type Backend, body, defineMessage, type Message, type MessageOf } from "@ringline/core";
import { z } from "zod";
import {
  array,
  buffer,
  createRuntime,
  defineComputeKernel,
  defineKernel,
  errors,
  type Flow,
  f32,
  graph,
  isRinglineError,
  otherwise,
  pipeline,
  type Runtime,
  StageFailure,
  struct,
  type Topology,
  u32,
  unifiedBuffer,
  vec3f,
} from "./planned.js";
import { same } from "./same.js";
import { ComputeResult, compute, Flush, half, inProcess, preprocess, RawData, raw } from "./usage.js";

declare function workerThreads(options?: { threads: number }): Backend;
declare function webgpu(options?: { fallback: "host" }): Backend;

// ── pipelines

export async function simple() {
  await using runtime = createRuntime({ backend: inProcess(), kernels: [preprocess, compute] });
  await using flow = await runtime.run(pipeline("stats").stage(preprocess).stage(compute, { workers: 3 }).stage(half));
  same<typeof flow, Flow<RawData, ComputeResult>>();
  for await (const out of flow.process([raw, RawData({ values: [1, 2] })])) console.log(out.result);
}
export function parallel(runtime: Runtime<"main", {}>) {
  const both = pipeline("parallel")
    .stage(preprocess, { workers: 3, order: "any" })
    .stage(compute, { workers: 3, by: "least-loaded", queueSize: 64, backpressure: "block" })
    .stage(half, { workers: 2, by: { key: "unit" } })
    .stage(half.as("half_2"), { workers: 2, by: (m) => Math.trunc(m.result) });
  return runtime.run(both);
}

const Work = defineMessage("Work", body<{ n: number }>());
const Result = defineMessage("Result", body<{ n: number }>());
const Summary = defineMessage("Summary", body<{ count: number; total: number }>());
type Result = MessageOf<typeof Result>;
const worker = defineKernel({
  id: "worker",
  input: Work,
  output: Result,
  handle: (work) => Result({ n: work.n ** 2 }),
});
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
const Results = defineMessage("Results", body<{ items: Result[] }>());
const summed = defineKernel({
  id: "sum",
  input: Results,
  output: Summary,
  handle: ({ items }) => Summary({ count: items.length, total: items.reduce((sum, { n }) => sum + n, 0) }),
});
export const fanIn = pipeline("fan-in")
  .stage(worker, { workers: 3 })
  .batch(Results, { max: 10, linger: 100 })
  .stage(summed);

// ── a diamond, and the other shapes

const Request = defineMessage("Request", body<{ text: string }>());
const A = defineMessage("A", body<{ score: number }>());
const B = defineMessage("B", body<{ b: number }>());
const C = defineMessage("C", body<{ c: number }>());
const Merged = defineMessage("Merged", body<{ b: MessageOf<typeof B>; c: MessageOf<typeof C> }>());
const Final = defineMessage("Final", body<{ total: number }>());
const a = defineKernel({ id: "a", input: Request, output: A, handle: (m) => A({ score: m.text.length }) });
const b = defineKernel({ id: "b", input: A, output: B, handle: (m) => B({ b: m.score }) });
const c = defineKernel({ id: "c", input: A, output: C, handle: (m) => C({ c: m.score }) });
const d = defineKernel({ id: "d", input: Merged, output: Final, handle: (m) => Final({ total: m.b.b + m.c.c }) });
const audit = defineKernel({ id: "audit", input: A, handle: (m, ctx) => ctx.log.info(String(m.score)) });

export const diamond = graph("diamond", Request, (request, { join }) => {
  const fromA = request.stage(a);
  return join(Merged, { b: fromA.stage(b), c: fromA.stage(c) }, { timeout: 5000 }).stage(d);
});
same<typeof diamond, Topology<MessageOf<typeof Request>, MessageOf<typeof Final>, never>>();

/** Side branch to a sink, routes by predicate and by type, merge, join by a function, a graph as a stage. */
export const shapes = graph("shapes", [Request, Flush], (input, { merge, join }) => {
  const { request, flush } = input.route({ request: Request.is, flush: otherwise });
  const fromA = request.stage(a);
  fromA.stage(audit);
  const { high, low } = fromA.route({ high: (m) => m.score > 9, low: otherwise });
  const either = merge(high.stage(b), low.stage(c));
  same<(typeof either)["~out"], MessageOf<typeof B> | MessageOf<typeof C>>();
  const onlyB = either.filter((m) => m.type === "B"); // the compiler infers the guard
  same<(typeof onlyB)["~out"], MessageOf<typeof B>>();
  const branches = { x: onlyB, y: request.stage(diamond) };
  const joined = join(({ x, y }) => Final({ total: x.b + y.total }), branches, { timeout: 1000 });
  return merge(joined, flush.filter(Flush.is));
});

// ── failures

export async function resilient(runtime: Runtime<"main", {}>) {
  const flow = await runtime.run(
    pipeline("resilient", { supervise: "all-for-one" })
      .stage(preprocess, { onError: "reply", name: "parse" })
      .stage(compute, {
        onError: (error, m) =>
          error.code === "TIMEOUT" ? "retry" : m.normalized.length ? "dead-letter" : ComputeResult({ result: 0 }),
      }),
  );
  same<typeof flow, Flow<RawData, ComputeResult | StageFailure>>();
  const out = await flow.request(raw, { timeout: 1000 });
  if (StageFailure.is(out)) return console.log(out.stage, out.error.code, out.failedId);
  console.log(out.result);
  for (const letter of flow.deadLetters.take({ reason: "EXPIRED" })) console.log(letter.stage, letter.error.remedy);
}
const sink = defineKernel({ id: "sink", input: Result, handle() {} });
/** Failures pass by every later node: none of these sees one, all hand them on. */
export const passing = graph("passing", Work, (work, { join }) => {
  const squared = work.stage(worker, { onError: "reply" });
  const small = squared.filter((m) => m.n < 9).batch(Results, { max: 10 });
  const { odd, even } = squared.route({ odd: (m) => m.n % 2 === 1, even: otherwise });
  even.stage(sink);
  const into = ({ x, y }: { x: MessageOf<typeof Results>; y: Result }) =>
    Summary({ count: x.items.length, total: y.n });
  return join(into, { x: small, y: odd }, { timeout: 100 });
});
same<typeof passing, Topology<MessageOf<typeof Work>, MessageOf<typeof Summary> | StageFailure, never>>();

export function explain(error: unknown): string {
  if (error instanceof errors.EXPIRED) return String(error.details.late);
  if (!isRinglineError(error)) return "not ours";
  switch (error.code) {
    case "QUEUE_FULL":
      return `queue of ${error.details.queueSize}`;
    case "JOIN_INCOMPLETE":
      return error.details.missing.join();
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
