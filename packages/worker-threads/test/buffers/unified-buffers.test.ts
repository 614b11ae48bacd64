import { createRuntime, type UnifiedBuffer, unifiedBuffer } from "@ringline/core";
import { handleReferencesOf, type SharedBuffer, slabs } from "@ringline/core/internal";
import { workerThreads } from "@ringline/worker-threads";
import { expect, test } from "vitest";
import { adder, Block, maker, passer, Total } from "../kernels/buffers.mjs";

const open = (threads = 1) => {
  const runtime = createRuntime({ backend: workerThreads({ threads }), deadLetterLimit: 1 });
  runtime.on("error", () => {});
  return runtime;
};
const slabOf = (buffer: UnifiedBuffer<unknown>) => handleReferencesOf(buffer as SharedBuffer).slab;
const wait = { timeout: 60_000 };

test("a thread reads the memory itself, and gives it back when its message is settled", async () => {
  await using runtime = open();
  const handle = await runtime.start(adder);
  const data = unifiedBuffer(Float64Array, [1, 2, 3]);
  const slab = slabOf(data);
  expect((await handle.request(Block({ data }), wait)).total).toBe(6);
  await expect.poll(() => slab.references).toBe(0);
  await expect(data.read()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(handle.send(Block({ data }))).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    details: { argument: "buffer" },
  });
});

test("the same memory goes from thread to thread and back, and is used again", async () => {
  await using runtime = open(2);
  const [first, second] = [await runtime.start(passer), await runtime.start(passer.as("second"))];
  await runtime.connect(first, second);
  const before = slabs.bytes;
  for (let n = 0; n < 200; n++) {
    const data = unifiedBuffer(Float64Array, 50_000);
    const slab = slabOf(data);
    data.write([n], 49_999);
    await first.send(Block({ data }));
    using back = (await second.receive(wait)).data;
    expect(slabOf(back).memory).toBe(slab.memory);
    expect((await back.read())[49_999]).toBe(n);
  }
  expect(slabs.bytes - before).toBeLessThan(20 * 400_000);
});

test("a thread answers with a buffer of its own", async () => {
  await using runtime = open();
  const handle = await runtime.start(maker);
  using made = (await handle.request(Total({ total: 4 }), wait)).data;
  expect([...(await made.read())]).toEqual([4, 4]);
  expect(slabOf(made).references).toBe(1);
});

test("a dead letter holds its buffer until it is evicted or taken; what is queued goes with the kernel's end", async () => {
  await using runtime = open();
  const handle = await runtime.start(adder);
  const sent = [1, 2].map((n) => unifiedBuffer(Float64Array, [n]));
  const memory = sent.map(slabOf);
  for (const data of sent) await handle.send(Block({ data, what: "fail" }));
  await expect.poll(() => runtime.deadLetters.evicted).toBe(1);
  await expect.poll(() => memory.map(({ references }) => references)).toEqual([0, 1]);
  const [deadLetter] = runtime.deadLetters.take();
  using kept = (deadLetter as unknown as { message: { data: UnifiedBuffer<Float64Array> } }).message.data;
  expect([...(await kept.read())]).toEqual([2]);
});

test("what a lost thread held is free; what was in hand is there for the next try", async () => {
  await using runtime = open();
  const handle = await runtime.start(adder);
  const data = unifiedBuffer(Float64Array, [1, 5]);
  const slab = slabOf(data);
  await handle.send(Block({ data, what: "exit" }));
  expect((await handle.receive(wait)).total).toBe(7);
  await expect.poll(() => slab.references).toBe(0);
});

test("a send that fails leaves the buffer with its sender", async () => {
  await using runtime = open();
  const handle = await runtime.launch(adder, { queueSize: 1, backpressure: "reject" });
  const [one, other] = [unifiedBuffer(Float64Array, [1]), unifiedBuffer(Float64Array, [2])];
  await handle.send(Block({ data: one }));
  await expect(handle.send(Block({ data: other }))).rejects.toMatchObject({ code: "QUEUE_FULL" });
  expect([...(await other.read())]).toEqual([2]);
  expect(slabOf(other).references).toBe(1);
  other.release();
  const slab = slabOf(one);
  await handle.terminate();
  for (const { message } of runtime.deadLetters.take()) (message as unknown as { data: typeof one }).data.release();
  await expect.poll(() => slab.references).toBe(0);
});
