import { createRuntime, f32, unifiedBuffer } from "@ringline/core";
import { expect, test } from "vitest";
import { findAdapter } from "../src/device/open-session.js";
import { settingsOf } from "../src/options.js";
import { webgpu } from "../src/webgpu.js";
import { Block, double, Item, step } from "./support/kernels.js";

const MB = 1024 * 1024;

/** A device that counts the bytes of its buffers. */
async function countedDevice() {
  const device = await (await findAdapter(settingsOf({}))).requestDevice();
  const alive = new Map<GPUBuffer, number>();
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const made = createBuffer(descriptor);
    const destroy = made.destroy.bind(made);
    alive.set(made, descriptor.size);
    made.destroy = () => {
      alive.delete(made);
      destroy();
    };
    return made;
  };
  return { device, bytes: () => [...alive.values()].reduce((sum, size) => sum + size, 0) };
}

const pass = (length: number) => Block({ values: unifiedBuffer(f32, length) });

test("what is kept for use is bounded at once, goes after a while, and all of it with the runtime", async () => {
  const { device, bytes } = await countedDevice();
  const runtime = createRuntime({ backend: webgpu({ device, pool: { bytes: 4 * MB, idle: 50 } }) });
  const [program, map] = [await runtime.start(step("a")), await runtime.start(double)];
  for (const length of [100_000, 200_000, 300_000, 400_000, 500_000, 600_000]) {
    (await program.request(pass(length))).values.release();
  }
  expect((await map.request(Item({ id: 1, slot: 0, x: 2 }))).x).toBe(4);
  expect(bytes()).toBeLessThan(5 * MB);
  await expect.poll(() => bytes()).toBe(0);
  const held = (await program.request(pass(1000))).values;
  expect((await map.request(Item({ id: 1, slot: 0, x: 3 }))).x).toBe(6);
  expect(bytes()).toBeGreaterThan(0);
  await runtime.dispose();
  expect(bytes()).toBe(0);
  expect((await held.read()).length).toBe(1000);
  device.destroy();
});
