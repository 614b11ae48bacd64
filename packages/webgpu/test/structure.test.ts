import { createRuntime, f32, type KernelTelemetry, pipeline, unifiedBuffer } from "@ringline/core";
import { expect, test } from "vitest";
import { findAdapter } from "../src/device/open-session.js";
import { settingsOf } from "../src/options.js";
import { webgpu } from "../src/webgpu.js";
import { Block, double, Item, step, without } from "./support/kernels.js";

const hasTimestamps = async () => (await findAdapter(settingsOf({}))).features.has("timestamp-query");
const device = (telemetry: readonly KernelTelemetry[]) =>
  telemetry[0]?.device as NonNullable<KernelTelemetry["device"]>;

test("a chain of four programs is one submit and one readback a batch, and makes nothing in steady state", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const chain = pipeline("chain").stage(step("a")).stage(step("b")).stage(step("c")).stage(step("d"));
  const flow = await runtime.run(chain);
  const round = async (n: number) => {
    const out = await flow.request(
      Block({
        values: unifiedBuffer(
          f32,
          Float32Array.from({ length: 1024 }, () => n),
        ),
      }),
    );
    expect([...(await out.values.read())].every((x) => x === n + 4)).toBe(true);
    out.values.release();
  };
  await round(1);
  await round(2);
  const before = device((await flow.telemetry()).stages);
  for (let n = 0; n < 10; n++) await round(n);
  const after = device((await flow.telemetry()).stages);
  const grown = (name: "submits" | "readbacks" | "dispatches" | "bytesDown" | "batches") => after[name] - before[name];
  expect([grown("batches"), grown("submits"), grown("readbacks"), grown("dispatches")]).toEqual([10, 10, 10, 40]);
  expect(grown("bytesDown")).toBe(10 * 4096);
  expect(after.bytesUp - before.bytesUp).toBe(10 * 4096);
  expect([after.buffersMade, after.pipelinesMade]).toEqual([before.buffersMade, before.pipelinesMade]);
  expect((await flow.telemetry()).stages.map(({ stage, processed }) => [stage, processed])).toEqual(
    ["a", "b", "c", "d"].map((stage) => [stage, 12]),
  );
  expect(flow.describe().nodes.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  await runtime.dispose();
});

test("a chain of maps with filters counts what each stage let through", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const flow = await runtime.run(pipeline("maps").stage(without(2)).stage(double).stage(without(3)));
  const source = Array.from({ length: 600 }, (_, id) => Item({ id, slot: 0, x: id }));
  const seen: number[][] = [];
  for await (const { id, x } of flow.process(source)) seen.push([id, x]);
  for (let again = 1; again < 20; again++) for await (const _ of flow.process(source));
  const wanted = source.filter(({ id }) => id % 2 !== 0 && id % 3 !== 0).map(({ id }) => [id, id * 2]);
  expect(seen).toEqual(wanted);
  const { stages } = await flow.telemetry();
  expect(stages.map(({ received, sent }) => [received, sent])).toEqual([
    [12_000, 6000],
    [6000, 6000],
    [6000, 4000],
  ]);
  const { submits, readbacks, batches, buffersMade } = device(stages);
  expect(buffersMade).toBeLessThanOrEqual(3 * 10); // for each of three batches under way
  expect([submits, readbacks]).toEqual([batches, batches]);
  await runtime.dispose();
});

test("a chain of three is cut where a stage is read by two, or has workers", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const flow = await runtime.run(pipeline("cut").stage(double).stage(without(2), { workers: 2 }).stage(without(3)));
  const source = Array.from({ length: 60 }, (_, id) => Item({ id, slot: 0, x: id }));
  const seen: number[] = [];
  for await (const { id } of flow.process(source)) seen.push(id);
  expect(seen).toEqual(source.map(({ id }) => id).filter((id) => id % 2 !== 0 && id % 3 !== 0));
  expect((await flow.telemetry()).stages.map(({ device }) => device?.inner)).toEqual([undefined, undefined, undefined]);
  await runtime.dispose();
});

test("passes are timed by the device where that is asked for", async () => {
  for (const timings of [false, true]) {
    const runtime = createRuntime({ backend: webgpu({ timings }) });
    const map = await runtime.start(double);
    const program = await runtime.start(step("timed"));
    const times = async () =>
      (await Promise.all([map.telemetry(), program.telemetry()])).map(({ device }) => device?.deviceTime);
    const isTimed = timings && (await hasTimestamps());
    let id = 0;
    do {
      expect((await map.request(Item({ id, slot: 0, x: id }))).x).toBe(id * 2);
      const { values } = await program.request(Block({ values: unifiedBuffer(f32, [id]) }));
      expect([...(await values.read())]).toEqual([id + 1]);
      values.release();
      id++;
      // devices tell the time in steps of up to 100 µs: what is over sooner may take none
    } while (isTimed && !(await times()).every((time) => (time as number) > 0));
    if (!isTimed) expect(await times()).toEqual([null, null]);
    await runtime.dispose();
  }
});
