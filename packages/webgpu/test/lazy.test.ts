import {
  type Backend,
  createRuntime,
  defineKernel,
  f32,
  pipeline,
  type UnifiedBuffer,
  unifiedBuffer,
} from "@ringline/core";
import { CopyingPort, hostKernel, MemoryPort } from "@ringline/core/backend";
import type { SharedBuffer } from "@ringline/core/internal";
import { expect, test } from "vitest";
import { webgpu } from "../src/webgpu.js";
import { Block, Break, breaker, step } from "./support/kernels.js";

type Values = UnifiedBuffer<ArrayLike<number>>;
const block = (...values: number[]) => Block({ values: unifiedBuffer(f32, values) });
const lazy = () => webgpu({ readback: "lazy" });
/** Hands its messages on as they are: what it gets is looked at by nobody. */
const passOn = defineKernel({ id: "passOn", input: Block, output: Block, handle: (m) => m });

test("what a program puts out stays on the device until it is read", async () => {
  const runtime = createRuntime({ backend: lazy() });
  const handle = await runtime.start(step("a"));
  const { values } = await handle.request(block(1, 2, 3));
  const device = async () => (await handle.telemetry()).device;
  expect([values.side, (await device())?.bytesDown, (await device())?.readbacks]).toEqual(["device", 0, 0]);
  const [first, second] = await Promise.all([values.read(), values.read()]);
  expect([...first]).toEqual([2, 3, 4]);
  expect(second).toBe(first);
  expect([values.side, (await device())?.bytesDown, (await device())?.readbacks]).toEqual(["both", 12, 1]);
  values.release();
  await runtime.dispose();
});

test("from one kernel on the device to the next nothing comes back or goes up, also by way of the host", async () => {
  const runtime = createRuntime({ backend: lazy() });
  const flow = await runtime.run(pipeline("by the host").stage(step("a")).stage(passOn).stage(step("b")));
  const source = Array.from({ length: 100 }, (_, n) => block(...Array(64).fill(n))); // fills a workgroup: needs no count
  let next = 2;
  for await (const { values } of flow.process(source)) expect((await values.read())[0]).toBe(next++);
  expect(next).toBe(102);
  const { stages } = await flow.telemetry();
  const [first, , last] = stages.map(({ device }) => device);
  expect([first?.bytesDown, last?.bytesDown]).toEqual([0, 100 * 256]);
  expect(last?.bytesUp).toBe(0);
  await runtime.dispose();
});

test("what nobody reads costs no memory", async () => {
  const runtime = createRuntime({ backend: lazy() });
  const handle = await runtime.start(step("a"));
  let made: number | undefined;
  for (let round = 0; round < 200; round++) {
    (await handle.request(block(round))).values.release();
    if (round === 20) made = (await handle.telemetry()).device?.buffersMade;
  }
  const { device } = await handle.telemetry();
  expect([device?.buffersMade, device?.bytesDown]).toEqual([made, 0]);
  await runtime.dispose();
});

test("what is on a lost device alone is lost, and says so", async () => {
  const runtime = createRuntime({ backend: lazy() });
  runtime.on("error", () => {});
  const [handle, lose] = [await runtime.start(step("a")), await runtime.start(breaker)];
  const [read, unread] = [await handle.request(block(1)), await handle.request(block(2))];
  await read.values.read();
  await lose.request(Break());
  expect([read.values.side, unread.values.side]).toEqual(["host", "lost"]);
  expect([...(await read.values.read())]).toEqual([2]);
  await expect(unread.values.read()).rejects.toMatchObject({ code: "DEVICE_LOST" });
  expect([...(await (await handle.request(read)).values.read())]).toEqual([3]);
  await expect(handle.request(unread)).rejects.toMatchObject({ code: "DEVICE_LOST" });
  expect([...(await (await handle.request(block(5))).values.read())]).toEqual([6]);
  await runtime.dispose();
});

/** A place that devices of this one cannot be reached from: `arrived` is told what came by the bytes alone. */
function elsewhere(arrived: (first: number) => void): Backend {
  const look = (message: object) => {
    const { values } = message as { readonly values: Values };
    const { bytes } = values as SharedBuffer;
    arrived(new Float32Array(bytes.buffer, bytes.byteOffset, 1)[0] as number);
  };
  return {
    manifest: { name: "elsewhere", transport: "copy", capabilities: {} },
    start: async ({ clock }) => ({
      openPort: async (spec) =>
        new CopyingPort(new MemoryPort(spec, clock), (message) => {
          look(message);
          return message;
        }),
      spawn: async (unit) => hostKernel(unit),
      async dispose() {},
    }),
  };
}

test("arrays are read before they go to another place, in order", async () => {
  const arrived: number[] = [];
  const runtime = createRuntime({
    backends: { gpu: lazy(), away: elsewhere((first) => arrived.push(first)) },
    defaultBackend: "gpu",
  });
  const away = pipeline("away").stage(step("a"), { backend: "gpu" }).stage(passOn, { backend: "away" });
  const flow = await runtime.run(away);
  const seen: number[] = [];
  const source = Array.from({ length: 300 }, (_, n) => block(n));
  for await (const { values } of flow.process(source)) seen.push((await values.read())[0] as number);
  const wanted = source.map((_, n) => n + 1);
  expect([arrived, seen]).toEqual([wanted, wanted]);
  await runtime.dispose();
});
