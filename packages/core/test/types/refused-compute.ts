/** Mistakes with compute kernels that must not compile. */
import {
  atomic,
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

// ── programs
const going = { entry: "go", elements: () => 1 } as const;
const program = { kind: "program", ...named, input: Big, output: Big, passes: [going] } as const;
const shape = () => ({ xs: 1 });
// @ts-expect-error a counted array whose length the host body does not return
defineComputeKernel({ ...program, shape, counters: ["xs"], host: () => {} });
// @ts-expect-error a pass counts by a counter that is not declared
defineComputeKernel({ ...program, shape, counters: ["n"], passes: [{ ...going, count: "m" }], host: () => {} });
// @ts-expect-error an atomic is an element of an array
defineMessage("Atomic", struct({ n: atomic(u32) })).type satisfies "Fixed";
// @ts-expect-error an atomic is an integer
atomic(f32);
defineComputeKernel({ ...program, shape, counters: ["xs", "n"], host: () => ({ xs: 1 }) });
defineComputeKernel({ ...program, shape: () => ({}), update: ["xs"], host: () => {} });
