import { createRuntime, f32, pipeline, unifiedBuffer } from "@ringline/core";
import { expect, test, vi } from "vitest";
import { webgpu } from "../src/webgpu.js";
import { Block, Break, breaker, double, Item, lender, lent, slow, step, sum, without } from "./support/kernels.js";

const LOSSES = 100;

test("100 lost devices under traffic: nothing is lost or doubled, in a chain with rings", async () => {
  const runtime = createRuntime({ backend: webgpu({ attempts: 1000 }) });
  const flow = await runtime.run(pipeline("maps").stage(double).stage(without(3)).stage(double.as("again")));
  const lose = await runtime.start(breaker);
  const told: string[] = [];
  const downtimes: (number | null)[] = [];
  runtime.on("device", ({ change, downtime }) => {
    told.push(change);
    if (change === "opened") downtimes.push(downtime);
  });
  let losses = 0;
  async function* source() {
    for (let id = 0; losses < LOSSES; id++) {
      yield Item({ id, slot: 0, x: id });
      if (id % 50 === 49) {
        await lose.request(Break());
        losses++;
      }
    }
  }
  let [last, count] = [-1, 0];
  for await (const { id, x } of flow.process(source())) {
    expect(id).toBeGreaterThan(last);
    expect([id % 3 !== 0, x]).toEqual([true, id * 4]);
    last = id;
    count++;
  }
  expect(count).toBe(Math.floor((LOSSES * 50 * 2) / 3));
  expect((await flow.telemetry()).stages[0]?.device?.losses).toBeGreaterThanOrEqual(LOSSES);
  expect(told.filter((change) => change === "lost").length).toBe(LOSSES);
  expect([downtimes.length, downtimes.every((downtime) => (downtime as number) > 0)]).toEqual([LOSSES, true]);
  expect(runtime.deadLetters.size).toBe(0);
  await runtime.dispose();
});

test("outputs that came back and wait for room are handed on though their device is lost meanwhile", async () => {
  for (const kernel of [double, without(3)]) {
    const runtime = createRuntime({ backend: webgpu() });
    const handle = await runtime.start(kernel, { queueSize: 64 });
    const lose = await runtime.start(breaker);
    const items = Array.from({ length: 300 }, (_, id) => Item({ id, slot: 0, x: id }));
    const sending = items.map((item) => handle.send(item));
    const look = async () => {
      const { ledger, device } = await handle.telemetry();
      return [ledger.output.queued, device?.inFlight];
    };
    await expect.poll(look).toEqual([64, 0]);
    await lose.request(Break());
    const expected = kernel === double ? items.map(({ id }) => [id, id * 2]) : kept(items);
    for (const one of expected) {
      const { id, x } = await handle.receive({ timeout: 60_000 });
      expect([id, x]).toEqual(one);
    }
    await Promise.all(sending);
    await runtime.dispose();
  }
});
const kept = (items: readonly { id: number }[]) => items.filter(({ id }) => id % 3 !== 0).map(({ id }) => [id, id]);

test("resident state is what it was after each of 30 lost devices", async () => {
  const runtime = createRuntime({ backend: webgpu({ attempts: 1000 }) });
  const handle = await runtime.start(sum);
  const lose = await runtime.start(breaker);
  const sums = [0, 0, 0, 0];
  for (let round = 0; round < 30; round++) {
    const items = Array.from({ length: 70 }, (_, i) => Item({ id: i, slot: (i * 3 + round) % 4, x: i + round }));
    const sending = items.map((item) => handle.send(item));
    const losing = lose.request(Break());
    for (const { slot, x } of items) {
      sums[slot] = (sums[slot] as number) + x;
      expect((await handle.receive({ timeout: 60_000 })).x).toBe(sums[slot]);
    }
    await Promise.all([...sending, losing]);
  }
  await runtime.dispose();
});

test("programs are done again on the next device", async () => {
  const runtime = createRuntime({ backend: webgpu({ attempts: 1000 }) });
  const flow = await runtime.run(pipeline("chain").stage(step("a")).stage(step("b")));
  const lose = await runtime.start(breaker);
  for (let n = 0; n < 20; n++) {
    const asked = flow.request(Block({ values: unifiedBuffer(f32, [n, n + 1]) }), { timeout: 60_000 });
    const losing = lose.request(Break());
    const { values } = await asked;
    expect([...(await values.read())]).toEqual([n + 2, n + 3]);
    values.release();
    await losing;
  }
  await runtime.dispose();
});

test("what was on a lost device can fail instead, or be done by the host", async () => {
  for (const onDeviceLost of ["fail", "host"] as const) {
    const runtime = createRuntime({ backend: webgpu({ onDeviceLost }) });
    runtime.on("error", () => {}); // they are told in the outcomes too
    const handle = await runtime.start(double);
    const lose = await runtime.start(breaker);
    const outcomes = [];
    for (let n = 0; n < 30; n++) {
      const asked = handle.request(Item({ id: n, slot: 0, x: n }), { timeout: 60_000 }).then(
        ({ x }) => x,
        (error) => error.code,
      );
      await new Promise((resolve) => setImmediate(resolve));
      await lose.request(Break());
      outcomes.push(await asked);
    }
    const allowed = (n: number) => (onDeviceLost === "fail" ? [n * 2, "DEVICE_LOST"] : [n * 2]);
    for (const [n, outcome] of outcomes.entries()) expect(allowed(n)).toContain(outcome);
    await runtime.dispose();
  }
});

test("a batch that takes too long is given up with its device, which is not destroyed", async () => {
  const runtime = createRuntime({ backend: webgpu({ timeout: 200, onDeviceLost: "host" }) });
  runtime.on("error", () => {});
  const reasons: (string | null)[] = [];
  runtime.on("device", ({ change, reason }) => change === "lost" && reasons.push(reason));
  const handle = await runtime.start(slow);
  await (await runtime.start(lender)).request(Break());
  const destroyed = vi.spyOn(lent.device as GPUDevice, "destroy");
  for (let id = 0; id < 4; id++) {
    expect(await handle.request(Item({ id, slot: 0, x: 0 }), { timeout: 60_000 })).toMatchObject({ id, x: 1 });
  }
  expect(reasons[0]).toContain("did not answer within 200 ms");
  await runtime.dispose();
  expect(destroyed).not.toHaveBeenCalled();
});
