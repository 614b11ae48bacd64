/** What must not compile of compute kernels. */
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
} from "@ringline/core";
import { preprocess, RawData } from "./usage.js";
import { anomaly, mixed, normalise } from "./usage-compute.js";

declare const backend: Backend;

// ── flows
export async function flows() {
  const runtime = createRuntime({ backends: { main: backend, threads: backend } });
  // @ts-expect-error the flow names a backend, "gpu", that this runtime lacks
  await runtime.run(mixed);
}

// ── pipelines
// @ts-expect-error a compute kernel does not fit
pipeline("p").stage(preprocess).stage(normalise);

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
