import { createRuntime, f32, unifiedBuffer } from "@ringline/core";
import { expect, test, vi } from "vitest";
import { webgpu } from "../src/webgpu.js";
import { Block, Break, Item, lender, lent, slow, step } from "./support/kernels.js";

// a file of its own: the shader goes on, and takes the processor from what comes after
test("whoever reads while another batch proves the device stuck is told then, and not when it comes back", async () => {
  const runtime = createRuntime({ backend: webgpu({ readback: "lazy", timeout: 2000, onDeviceLost: "host" }) });
  runtime.on("error", () => {});
  const [handle, long] = [await runtime.start(step("a")), await runtime.start(slow)];
  await (await runtime.start(lender)).request(Break());
  const { queue } = lent.device as GPUDevice;
  const { values } = await handle.request(Block({ values: unifiedBuffer(f32, [1]) }));
  const submitted = vi.spyOn(queue, "submit");
  const answer = long.request(Item({ id: 1, slot: 0, x: 0 }), { timeout: 60_000 });
  await expect.poll(() => submitted, { interval: 1 }).toHaveBeenCalled();
  const reading = values.read().catch(({ code }) => code);
  let isBack = false;
  queue.onSubmittedWorkDone().then(
    () => (isBack = true),
    () => {},
  );
  expect([await reading, isBack]).toEqual(["DEVICE_LOST", false]);
  expect(await answer).toMatchObject({ id: 1 });
  await runtime.dispose();
});
