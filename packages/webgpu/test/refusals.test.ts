import { createRuntime, defineComputeKernel, defineKernel, f32, pipeline, unifiedBuffer } from "@ringline/core";
import { expect, test } from "vitest";
import { DeviceManager } from "../src/device/device-manager.js";
import { settingsOf } from "../src/options.js";
import { openUnit } from "../src/units/open-unit.js";
import { webgpu } from "../src/webgpu.js";
import { Block, Break, double, Item, lender, lent, step } from "./support/kernels.js";

const block = (...values: number[]) => Block({ values: unifiedBuffer(f32, values) });

/** Cannot say what shape it gives for an array of three. */
const choosy = defineComputeKernel({
  id: "choosy",
  kind: "program",
  input: Block,
  output: Block,
  shape(m) {
    if (m.values.length === 3) throw new Error("three are too many");
    return { values: m.values.length };
  },
  passes: [{ entry: "add", elements: (m) => m.values.length }],
  host({ values }, out) {
    for (const [i, x] of values.entries()) out.values[i] = x + 1;
  },
  wgsl: "fn add(i: u32) { out_values[i] = values[i] + 1.0; }",
});

test("what a function throws for one message of a batch concerns that message alone", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const deadLetters: (number | undefined)[] = [];
  runtime.on("error", () => {});
  runtime.on("deadLetter", ({ message }) => deadLetters.push((message as ReturnType<typeof block>).values.length));
  const flow = await runtime.run(pipeline("choosy").stage(step("first")).stage(choosy));
  const lengths = [1, 3, 2, 3, 4];
  const outs: number[] = [];
  for await (const { values } of flow.process(lengths.map((length) => block(...Array(length).fill(length))))) {
    const read = await values.read();
    expect([...read]).toEqual(Array(values.length).fill(values.length + 2));
    outs.push(values.length);
  }
  expect(outs).toEqual([1, 2, 4]);
  expect(deadLetters).toEqual([3, 3]);
  await runtime.dispose();
});

test("an array that the device cannot hold is refused, with the limit", async () => {
  const huge = defineComputeKernel({
    id: "huge",
    kind: "program",
    input: Block,
    output: Block,
    shape: (m) => ({ values: m.values.length === 1 ? 2 ** 40 : m.values.length }),
    passes: [{ entry: "add", elements: (m) => m.values.length }],
    host() {},
    wgsl: "fn add(i: u32) { out_values[i] = values[i] + 1.0; }",
  });
  const runtime = createRuntime({ backend: webgpu() });
  runtime.on("deadLetter", () => {});
  const refused = new Promise<{ readonly remedy?: string | undefined }>((resolve) => runtime.on("error", resolve));
  const handle = await runtime.start(huge);
  await handle.send(block(1));
  expect((await refused).remedy).toMatch(/at most \d+ bytes/);
  await handle.send(block(1, 2));
  expect([...(await (await handle.receive()).values.read())]).toEqual([2, 3]);
  await runtime.dispose();
});

test("what user code gets wrong on the device does not touch the batches of others", async () => {
  const wrong = defineKernel({
    id: "wrong",
    input: Break,
    output: Break,
    needs: ["gpu"],
    handle(_, { gpu }) {
      gpu.device.onuncapturederror = (event) => event.preventDefault();
      const encoder = gpu.device.createCommandEncoder();
      const buffer = gpu.device.createBuffer({ size: 16, usage: 4 });
      encoder.copyBufferToBuffer(buffer, 0, buffer, 8, 1024);
      gpu.device.queue.submit([encoder.finish()]);
      return Break();
    },
  });
  const runtime = createRuntime({ backend: webgpu() });
  const [good, bad] = [await runtime.start(double), await runtime.start(wrong)];
  for (let id = 0; id < 20; id++) {
    await good.send(Item({ id, slot: 0, x: id }));
    await bad.request(Break());
    expect((await good.receive()).x).toBe(id * 2);
  }
  await runtime.dispose();
});

test("where the device goes whenever it comes, a launch ends with DEVICE_LOST", async () => {
  const events: string[] = [];
  const keeper = (await DeviceManager.find(settingsOf({ attempts: 3 }), ({ change }) =>
    events.push(change),
  )) as DeviceManager;
  const open = keeper.session.bind(keeper);
  keeper.session = async () => {
    const session = await open();
    session.device.destroy();
    await session.device.lost;
    return session;
  };
  const unit = { kernel: double, restored: undefined } as never as Parameters<typeof openUnit>[0];
  await expect(openUnit(unit, keeper)).rejects.toMatchObject({ code: "DEVICE_LOST" });
  expect(events).toEqual(["opened", "lost", "opened", "lost", "opened", "lost"]);
  keeper.close();
});

test("a device of the user's is left as it was found", async () => {
  const owner = createRuntime({ backend: webgpu() });
  await (await owner.start(lender)).request(Break());
  const device = lent.device as GPUDevice;
  const runtime = createRuntime({ backend: webgpu({ device }) });
  const handle = await runtime.start(double);
  expect((await handle.request(Item({ id: 1, slot: 0, x: 2 }))).x).toBe(4);
  await runtime.dispose();
  const buffer = device.createBuffer({ size: 16, usage: 9 });
  await buffer.mapAsync(1);
  expect(buffer.getMappedRange().byteLength).toBe(16);
  await owner.dispose();
});
