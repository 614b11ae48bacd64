import { expect, test } from "vitest";
import { defineComputeKernel } from "../../src/compute/define-compute-kernel.js";
import { array, f16, f32, i32, u32, vec2f } from "../../src/layouts/field.js";
import { struct } from "../../src/layouts/struct.js";
import { defineMessage } from "../../src/messages/define-message.js";
import { createRuntime } from "../../src/runtime/create-runtime.js";
import { pipeline } from "../../src/topologies/pipeline.js";
import { local } from "../support/local-backend.js";

const Step = defineMessage("Step", struct({ key: i32 }));
const Report = defineMessage("Report", struct({ count: u32, seen: array(f32, 8) }));
/** Between two numbers that 32 or 16 bits hold. */
const FINE = 1 + 2 ** -30;

const BROKEN = 99;

/** Reports its state as it was found, and leaves values that no device memory holds as they are. */
const keeper = defineComputeKernel({
  id: "keeper",
  kind: "map",
  input: Step,
  output: Report,
  state: {
    layout: struct({
      count: u32,
      ...{ whole: i32, half: f16, single: f32, pair: vec2f },
      ...{ many: array(f32, 2), halves: array(f16, 2), inner: struct({ n: u32 }), pairs: array(vec2f, 1) },
    }),
    slots: 3,
    key: "key",
    checkpointEvery: 1,
  },
  supervise: { restart: "on-failure", backoff: { initial: 1 } },
  host({ key }, state) {
    if (key === BROKEN) throw new Error("broken");
    const { count, whole, half, single, pair, many, halves, inner, pairs } = state;
    const fine = [half, single, pair[1], many[1], halves[1], pairs[0]?.[1]] as number[];
    // outputs are rounded as well: what is beyond 1 is made large
    const seen = [whole, inner.n, ...fine.map((one) => (one === 0 ? 0 : 1 + (one - 1) * 2 ** 30))];
    Object.assign(state, {
      ...{ count: count + 1, whole: 2 ** 31, half: FINE, single: FINE, pair: [0, FINE] },
      ...{ many: [0, FINE], halves: [0, FINE], inner: { n: -1 }, pairs: [[0, FINE]] },
    });
    return { count, seen: Float32Array.from(seen) };
  },
  wgsl: "fn map(m: Step, s: ptr<storage, State, read_write>) -> Report { return Report(); }",
});

test("what the host body leaves in its state is rounded as device memory rounds it; each key has its slot", async () => {
  await using runtime = createRuntime({ backend: local() });
  const handle = await runtime.start(keeper);
  const ask = async (key: number) => {
    const { count, seen } = await handle.request(Step({ key }));
    return [count, [...seen]];
  };
  const zero = new Array(8).fill(0);
  const held = [-(2 ** 31), 2 ** 32, 1, 1, 1, 1, 1, 1];
  expect(await ask(0)).toEqual([0, zero]);
  expect(await ask(3)).toEqual([1, held]);
  expect(await ask(-1)).toEqual([0, zero]);
  expect(await ask(2)).toEqual([1, held]);
  expect(await ask(1)).toEqual([0, zero]);
  expect(await ask(0)).toEqual([2, held]);
});

test("each slot is there again after a restart, as it was rounded", async () => {
  await using runtime = createRuntime({ backend: local() });
  runtime.on("error", () => {});
  await using flow = await runtime.run(pipeline("kept").stage(keeper, { onError: "fail" }));
  for (const key of [0, 1, 2, 2]) await flow.request(Step({ key }));
  await flow.request(Step({ key: BROKEN })).catch(() => {});
  await expect.poll(async () => (await flow.telemetry()).stages[0]?.restarts).toBe(1);
  const counts: number[] = [];
  for (const key of [0, 1, 2]) counts.push((await flow.request(Step({ key }))).count);
  expect(counts).toEqual([1, 1, 2]);
});
