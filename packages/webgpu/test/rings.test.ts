import { createRuntime, type KernelTelemetry, pipeline } from "@ringline/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { turnsFor } from "../src/units/ring-path.js";
import { webgpu } from "../src/webgpu.js";
import { double, grouped, groupedAll, Item, watch, without } from "./support/kernels.js";

function* items(count: number) {
  for (let id = 0; id < count; id++) yield Item({ id, slot: 0, x: id });
}
const inner = (stages: readonly KernelTelemetry[]) => stages[0]?.device?.inner ?? [];

test("a million through three filters, each that is kept once and in order", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const flow = await runtime.run(
    pipeline("filters")
      .stage(without(2, "fifo", 16_384))
      .stage(without(3))
      .stage(without(5)),
  );
  let [seen, last, wrong] = [0, -1, 0];
  for await (const { id } of flow.process(items(1_000_000))) {
    seen++;
    if (id <= last || id % 2 === 0 || id % 3 === 0 || id % 5 === 0) wrong++;
    last = id;
  }
  expect([seen, wrong]).toEqual([266_666, 0]);
  const { stages } = await flow.telemetry();
  expect(stages.map(({ received, sent }) => [received, sent])).toEqual([
    [1_000_000, 500_000],
    [500_000, 333_333],
    [333_333, 266_666],
  ]);
  expect(inner(stages).map(({ stalls }) => stalls)).toEqual([0, 0, 0]);
  await runtime.dispose();
});

test.each([1, 7, 100])("rings of %d hold up the stages before them, and lose nothing", async (ring) => {
  const runtime = createRuntime({ backend: webgpu({ batch: { ring } }) });
  const chain = pipeline("small")
    .stage(without(2, "fifo", 300))
    .stage(double)
    .stage(without(3))
    .stage(watch);
  const flow = await runtime.run(chain);
  const seen: number[] = [];
  for await (const { id, slot, x } of flow.process(items(2000))) {
    seen.push(id);
    expect([slot, x]).toEqual([0, seen.length]);
  }
  expect(seen).toEqual(Array.from({ length: 2000 }, (_, id) => id).filter((id) => id % 2 !== 0 && id % 3 !== 0));
  expect(inner((await flow.telemetry()).stages)[0]?.stalls).toBeGreaterThan(0);
  await runtime.dispose();
});

test("a state behind filters is given messages in their order, unless it is not asked for", async () => {
  for (const ordering of ["fifo", "unordered"] as const) {
    const runtime = createRuntime({ backend: webgpu() });
    const chain = pipeline(ordering)
      .stage(without(2, ordering, 4096))
      .stage(without(3, ordering))
      .stage(watch);
    const flow = await runtime.run(chain);
    const ids: number[] = [];
    const counts = new Set<number>();
    let inversions = 0;
    for await (const { id, slot, x } of flow.process(items(40_000))) {
      ids.push(id);
      counts.add(x);
      inversions = Math.max(inversions, slot);
    }
    expect(ids).toEqual(Array.from({ length: 40_000 }, (_, id) => id).filter((id) => id % 2 !== 0 && id % 3 !== 0));
    expect(counts.size).toBe(ids.length); // each was counted once
    if (ordering === "fifo") expect(inversions).toBe(0);
    await runtime.dispose();
  }
});

test.each([
  ["with a ring", true],
  ["in place", false],
])("messages that a first state took in groups come to a second one as they came, %s", async (_, isFiltered) => {
  const runtime = createRuntime({ backend: webgpu({ batch: { ring: 50 } }) });
  const flow = await runtime.run(
    pipeline("two")
      .stage(isFiltered ? grouped : groupedAll)
      .stage(watch),
  );
  let count = 0;
  for await (const { slot, x } of flow.process(items(3000))) expect([slot, x]).toEqual([0, ++count]);
  expect(count).toBe(isFiltered ? 2250 : 3000);
  await runtime.dispose();
});

test("no chain takes more turns than one that keeps all", () => {
  const shape = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    rings: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
    kept: fc.infiniteStream(fc.boolean()),
  });
  fc.assert(
    fc.property(shape, ({ count, rings, kept }) => {
      const rooms = [count, ...rings];
      const held = rooms.map((_, stage) => (stage === 0 ? count : 0));
      for (let turns = turnsFor(count, rooms); turns > 0; turns--) {
        for (const [stage, there] of held.entries()) {
          const room = stage + 1 < rooms.length ? (rooms[stage + 1] as number) - (held[stage + 1] as number) : there;
          const taken = Math.min(there, room);
          held[stage] = there - taken;
          for (let i = 0; i < taken && stage + 1 < rooms.length; i++) {
            if (kept.next().value) held[stage + 1] = (held[stage + 1] as number) + 1;
          }
        }
      }
      expect(held.every((left) => left === 0)).toBe(true);
    }),
  );
});
