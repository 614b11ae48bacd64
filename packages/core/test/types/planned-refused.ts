/** What must not compile of the part that is not built yet. */
import { type Backend, body, defineMessage, type MessageOf } from "@ringline/core";
import {
  buffer,
  createRuntime,
  defineComputeKernel,
  defineKernel,
  f32,
  graph,
  pipeline,
  struct,
  u32,
} from "./planned.js";
import { anomaly, diamond, fanIn, mixed, normalise } from "./planned-usage.js";
import { ComputeResult, compute, half, type Preprocessed, preprocess, RawData, raw } from "./usage.js";

declare const backend: Backend;

// ── flows
export async function flows() {
  const runtime = createRuntime({ backends: { main: backend, threads: backend } });
  // @ts-expect-error the flow names a backend, "gpu", that this runtime lacks
  await runtime.run(mixed);
  // @ts-expect-error the flow takes something else
  (await runtime.run(diamond)).process([raw]);
}

// ── pipelines
const prepared = pipeline("p").stage(preprocess);
// @ts-expect-error the stage takes ComputeResult, and is sent Preprocessed
prepared.stage(half);
// @ts-expect-error nor does a nested pipeline fit
prepared.stage(fanIn);
// @ts-expect-error nor a compute kernel
prepared.stage(normalise);
// @ts-expect-error a pipeline without stages is no topology
createRuntime({ backend }).run(pipeline("p"));
// @ts-expect-error a typing error in an option
prepared.stage(compute, { worker: 3 });
// @ts-expect-error no such key in the body
prepared.stage(compute, { by: { key: "station" } });
// @ts-expect-error no such way to share
pipeline("p").stage(preprocess, { by: "random" });
// @ts-expect-error no such action
pipeline("p").stage(preprocess, { onError: "ignore" });
// @ts-expect-error the replacement is not what the stage sends
pipeline("p").stage(preprocess, { onError: () => raw });
const Namesake = defineMessage("Preprocessed", body<{ normalized: string[] }>());
const namesake = defineKernel({ id: "namesake", input: Namesake, async run() {} });
// @ts-expect-error the same name with another body: the compiler shows the field
prepared.stage(namesake);
const sink = defineKernel({ id: "sink", input: ComputeResult, async run() {} });
const toSink = prepared.stage(compute).stage(sink);
// @ts-expect-error nothing follows a sink
toSink.stage(half);
// @ts-expect-error the batch's message has other fields
prepared.batch(RawData, { max: 10 });

// ── graphs
type Half = MessageOf<typeof Preprocessed>;
const Both = defineMessage("Both", body<{ left: Half; right: Half }>());
const take = defineKernel({
  id: "take",
  input: Both,
  output: ComputeResult,
  handle: () => ComputeResult({ result: 1 }),
});
graph("g", RawData, (input, { join, merge }) => {
  const left = input.stage(preprocess, { name: "left" });
  const right = input.stage(preprocess, { name: "right" });
  // @ts-expect-error a stage that does not fit
  input.stage(compute);
  // @ts-expect-error a node that does not exist
  nowhere.stage(compute);
  // @ts-expect-error a join without one of its branches
  join(Both, { left }, { timeout: 100 });
  // @ts-expect-error a join whose branch has the wrong type
  join(Both, { left, right: input }, { timeout: 100 });
  // @ts-expect-error a join needs a time-out
  join(Both, { left, right }, {});
  // @ts-expect-error a merge of one
  merge(left);
  // @ts-expect-error merged wires carry both types
  merge(left, input).stage(compute);
  const { big } = left.route({ big: (m) => m.normalized.length > 9 });
  big.stage(compute);
  // @ts-expect-error a predicate over a field that is not there
  left.route({ big: (m) => m.values.length > 9 });
  return join(Both, { left, right }, { timeout: 100 }).stage(take);
});
// @ts-expect-error a graph returns its last wire
graph("g", RawData, (input) => void input.stage(preprocess));

// ── compute kernels
const Lane = defineMessage("Lane", struct({ id: u32, x: f32 }));
const Big = defineMessage("Big", struct({ xs: buffer(f32) }));
const named = { id: "k", wgsl: "" } as const;
const io = { ...named, input: Big, output: Big, passes: [] } as const;
const counts = struct({ n: u32 });
// @ts-expect-error no fixed layout
defineComputeKernel({ kind: "map", ...named, input: RawData, output: Lane, host: () => ({ id: 1, x: 1 }) });
// @ts-expect-error a map works on fixed layouts, not on buffers
defineComputeKernel({ kind: "map", ...named, input: Big, output: Lane, host: () => ({ id: 1, x: 1 }) });
// @ts-expect-error the host body gives another struct
defineComputeKernel({ kind: "map", ...named, input: Lane, output: Lane, host: () => ({ id: 1 }) });
// @ts-expect-error null without filter
defineComputeKernel({ kind: "map", ...named, input: Lane, output: Lane, host: () => null });
const byStation = { layout: counts, slots: 4, key: "station" } as const;
// @ts-expect-error the key is no field of the input
defineComputeKernel({ kind: "map", ...named, input: Lane, output: Lane, host: (m) => m, state: byStation });
defineComputeKernel({
  kind: "map",
  ...named,
  input: Lane,
  output: Lane,
  host: (m) => m,
  state: { ...byStation, key: "id" },
});
// @ts-expect-error the shape of a buffer is missing
defineComputeKernel({ kind: "program", ...io, shape: () => ({}), host() {} });
defineComputeKernel({ kind: "program", ...io, shape: () => ({ xs: 1 }), host() {} });
pipeline("p").stage(anomaly);
