import { createRuntime, defineComputeKernel, defineMessage, f32, isRinglineError, struct, u32 } from "@ringline/core";
import { expect } from "vitest";
import { webgpu } from "../../src/webgpu.js";

const Job = defineMessage("Job", struct({ id: u32, isStuck: u32 }));
const Done = defineMessage("Done", struct({ id: u32, sum: f32 }));
/** More than a second in software. */
const LOOP = "for (var k = 0u; k < m.isStuck * 1000000000u; k++) { x = x * 1.0000001 + 0.1; }";

export const program = defineComputeKernel({
  id: "program",
  kind: "program",
  input: Job,
  output: Done,
  shape: () => ({}),
  passes: [{ entry: "work", elements: () => 1 }],
  host: ({ id }) => ({ id, sum: 0 }),
  wgsl: `fn work(i: u32) { let m = params; var x = f32(m.id); ${LOOP} result = Done(m.id, x); }`,
});
export const map = defineComputeKernel({
  id: "map",
  kind: "map",
  input: Job,
  output: Done,
  host: ({ id }) => ({ id, sum: id }),
  wgsl: `fn map(m: Job) -> Done { var x = f32(m.id); ${LOOP} return Done(m.id, x); }`,
});
export const stateful = defineComputeKernel({
  id: "stateful",
  kind: "map",
  input: Job,
  output: Done,
  state: { layout: struct({ sum: f32 }), slots: 1, key: "isStuck" },
  host({ id }, state) {
    state.sum += id;
    return { id, sum: state.sum };
  },
  wgsl: `fn map(m: Job, s: ptr<storage, State, read_write>) -> Done {
    var x = (*s).sum; ${LOOP} (*s).sum = x + f32(m.id); return Done(m.id, (*s).sum);
  }`,
});

const STUCK = 3;
type Kernel = typeof program | typeof map | typeof stateful;

/** Sends seven messages at once, the fourth of which outlives the time-out. `sums`: what the others are answered. */
export async function sendStuck(kernel: Kernel, sums: readonly number[]): Promise<void> {
  const runtime = createRuntime({ backend: webgpu({ timeout: 1500, attempts: 2 }) });
  runtime.on("error", () => {});
  const handle = await runtime.start(kernel);
  const answers = sums.map((_, id) =>
    handle.request(Job({ id, isStuck: id === STUCK ? 1 : 0 }), { timeout: 90_000 }).then(
      ({ sum }) => sum,
      (error) => (isRinglineError(error) ? error.code : error),
    ),
  );
  expect(await Promise.all(answers)).toEqual(sums.map((sum, id) => (id === STUCK ? "DEVICE_LOST" : sum)));
  await runtime.dispose();
}
