import { body, createRuntime, defineKernel, defineMessage, peer } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Observer } from "../src/watch/observer.js";
import { Order, shop } from "./support/shop.js";

const START = new Date("2026-01-01T03:00:00Z").getTime();
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: START }));
afterEach(() => void vi.useRealTimers());

/** Looks twice, `seconds` apart. */
async function stories(observer: Observer, seconds: number) {
  await new Promise((resolve) => setImmediate(resolve)); // messages go as far as they can
  await observer.look();
  vi.setSystemTime(START + seconds * 1000);
  return (await observer.look()).stories;
}

test("a stall is told as a path, from the first that waits to the cause, with its time", async () => {
  const { runtime, flow, fraudDoor } = await shop();
  const observer = new Observer(runtime);
  for (let n = 0; n < 10; n++) void flow.send(Order({ n })).catch(() => {});
  const [story, ...others] = await stories(observer, 12);
  expect(others).toEqual([]);
  expect(story).toMatchObject({ kind: "stall", root: "fraud", path: ["orders.checkout", "orders.payment", "fraud"] });
  expect(story?.text).toBe(
    "checkout waits for room in payment: 4 of 4; payment waits for an answer of fraud since 12 s; " +
      "fraud has worked on one message for 12 s without an end.",
  );
  expect(story?.since).toBe(START);
  fraudDoor.open();
  for (let i = 0; i < 10; i++) await flow.receive();
  await flow.drain();
  expect(await stories(observer, 24)).toEqual([]);
  observer.close();
  await runtime.dispose();
});

test("a paused stage, a kernel that was never activated, outputs that nobody reads", async () => {
  const { runtime, flow, fraudDoor } = await shop();
  fraudDoor.open();
  const observer = new Observer(runtime);
  const lonely = defineKernel({ id: "lonely", input: Order, output: Order, queueSize: 1, handle: (order) => order });
  await runtime.launch(lonely.as("asleep"));
  await runtime.send("asleep", Order({ n: 1 }));
  await runtime.start(lonely);
  await runtime.send("lonely", Order({ n: 1 }));
  await runtime.send("lonely", Order({ n: 2 }));
  await runtime.deactivate("orders.payment");
  await flow.send(Order({ n: 1 }));
  expect((await stories(observer, 60)).map(({ text }) => text).sort()).toEqual([
    "asleep was never activated, with 1 message queued.",
    "lonely waits for a reader of its output (1 output).",
    "payment is paused, with 1 message queued.",
  ]);
  observer.close();
  await runtime.dispose();
});

test("two kernels that ask each other are one circle", async () => {
  const Ask = defineMessage("Ask", body<object>());
  const asks = defineKernel({
    id: "asks",
    input: Ask,
    output: Ask,
    peers: { other: peer("other", { input: Ask, output: Ask }) },
    handle: (_, { peers }) => peers.other.request(Ask()),
  });
  const runtime = createRuntime({ backend: inProcess() });
  runtime.on("error", () => {});
  await runtime.start(asks, { id: "a", peers: { other: "b" } });
  await runtime.start(asks, { id: "b", peers: { other: "a" } });
  const observer = new Observer(runtime);
  await runtime.send("a", Ask());
  const [story, ...others] = await stories(observer, 5);
  expect(others).toEqual([]);
  expect(story).toMatchObject({ kind: "circle", root: "a" });
  expect(story?.text).toMatch(/they wait for each other: a → b → a\.$/);
  observer.close();
  await runtime.dispose({ timeout: 0 });
});

test("a queue that is full but moves is slow, and no stall", async () => {
  const { runtime, flow, fraudDoor } = await shop();
  const observer = new Observer(runtime);
  for (let n = 0; n < 30; n++) void flow.send(Order({ n })).catch(() => {});
  await observer.look();
  await new Promise((resolve) => setImmediate(resolve));
  const [story] = (await observer.look()).stories;
  expect(story).toMatchObject({ kind: "slow", root: "fraud" });
  fraudDoor.open();
  observer.close();
  await runtime.dispose();
});

test("a stall while nobody looks is looked at once: whoever comes later is told since when", async () => {
  const { runtime, flow, fraudDoor } = await shop();
  const observer = new Observer(runtime);
  for (let n = 0; n < 10; n++) void flow.send(Order({ n })).catch(() => {});
  const stalled = new Promise((resolve) => void runtime.on("stalled", resolve));
  await stalled; // in real time, after a second
  await observer.look();
  vi.setSystemTime(START + 3_600_000);
  const [story] = (await observer.look()).stories;
  expect(story?.since).toBeLessThan(START + 2000);
  expect(story?.text).toContain("since 60 min");
  fraudDoor.open();
  observer.close();
  await runtime.dispose();
});
