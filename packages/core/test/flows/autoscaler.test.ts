import { expect, test } from "vitest";
import { pipeline, type RuntimeEvents } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { type N, numbers, range, stage, watched } from "../support/flow-kit.js";

test("a stage gets more workers while messages wait, and fewer when there is little to do", async () => {
  const clock = virtualClock();
  const { runtime, errors } = watched(clock);
  const told: RuntimeEvents["scaled"][] = [];
  runtime.on("scaled", (event) => told.push(event));
  const slow = stage("slow", (message) => new Promise<N>((resolve) => clock.after(100, () => resolve(message))));
  const flow = await runtime.run(pipeline("p").stage(slow, { workers: { min: 1, max: 4, every: 500 } }));
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { n } of flow.process(numbers(300))) seen.push(n);
  })();
  const passed = async (is: () => boolean) => {
    await expect
      .poll(async () => {
        await clock.advance(100);
        return is();
      })
      .toBe(true);
  };
  await passed(() => told.at(-1)?.to === 4);
  expect(told.map(({ from, to, by }) => [from, to, by])).toEqual([
    [1, 2, "load"],
    [2, 3, "load"],
    [3, 4, "load"],
  ]);
  for (const { load } of told) {
    expect(load?.utilization).toBeGreaterThanOrEqual(0.9);
    expect(load?.waiting).toBeGreaterThanOrEqual(0.5);
  }
  await passed(() => seen.length === 300);
  await reading;
  expect(seen).toEqual(range(300));
  await passed(() => told.at(-1)?.to === 1);
  expect(told.slice(3).map(({ to }) => to)).toEqual([3, 2, 1]);
  expect(told.at(-1)?.load).toEqual({ utilization: 0, waiting: 0 });
  expect(flow.describe().nodes[0]).toMatchObject({ workers: 1, scaling: { min: 1, max: 4 } });
  expect(errors).toEqual([]);
});

test("a paused stage, and one that is scaled by calls only, keep their number of workers", async () => {
  const clock = virtualClock();
  const { runtime } = watched(clock);
  const told: unknown[] = [];
  runtime.on("scaled", (event) => told.push(event));
  const stages = pipeline("p").stage(
    stage("auto", (message) => message),
    { workers: { min: 1, max: 2, every: 10 } },
  );
  const flow = await runtime.run(
    stages.stage(
      stage("called", (message) => message),
      { workers: { max: 2, every: Number.POSITIVE_INFINITY } },
    ),
  );
  await flow.pause();
  for (const message of numbers(20)) await flow.send(message);
  for (let i = 0; i < 100; i++) await clock.advance(10);
  expect(told).toEqual([]);
  await flow.resume();
  await flow.drain();
});
