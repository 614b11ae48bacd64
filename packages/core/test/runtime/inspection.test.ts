import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage, type Inspection, peer, type Wait } from "../../src/index.js";
import { cyclesIn } from "../../src/runtime/inspection.js";
import { virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";

const Task = defineMessage("Task", body<{ n: number; to?: "ask" | "send" | "receive" | "output" | "active" }>());
const other = peer("other", { input: Task, output: Task });
const waiter = defineKernel({
  id: "waiter",
  input: Task,
  output: Task,
  peers: { other },
  async handle({ n, to }, ctx) {
    if (to === "ask") await ctx.peers.other.request(Task({ n, ...(n === 9 && { to }) })); // 9: it asks in turn
    if (to === "send") await Promise.all([ctx.peers.other.send(Task({ n })), ctx.peers.other.send(Task({ n }))]);
    if (to === "receive") await ctx.peers.other.receive();
    if (to === "output") for (let i = 0; i < 3; i++) await ctx.send(Task({ n }));
    if (to === "active") await ctx.waitActive();
    return undefined;
  },
});
const idle = defineKernel({ id: "idle", input: Task, output: Task, handle: () => undefined });
const loop = defineKernel({
  id: "loop",
  input: Task,
  async run(ctx) {
    await ctx.waitActive();
    for await (const _ of ctx);
  },
});

async function rig() {
  const clock = virtualClock();
  const runtime = createRuntime({ backend: local(), clock });
  runtime.on("stalled", () => {});
  runtime.on("error", () => {});
  const waits = async (id: string): Promise<readonly Wait[]> => {
    await clock.settle();
    return of(await runtime.inspect(), id).waitsOn;
  };
  return { clock, runtime, waits };
}
function of({ kernels }: Inspection, id: string) {
  const found = kernels.find(({ kernelId }) => kernelId === id);
  if (found === undefined) throw new Error(`${id} is not there`);
  return found;
}

describe("inspect says what a kernel waits for", () => {
  test("a message to work on, its activation", async () => {
    const { runtime, waits } = await rig();
    await runtime.start(idle);
    await runtime.launch(loop);
    expect(await waits("idle")).toEqual([{ for: "input", kernelId: null, count: 1 }]);
    expect(await waits("loop")).toEqual([{ for: "activation", kernelId: null, count: 1 }]);
    await runtime.activate("loop");
    expect(await waits("loop")).toEqual([{ for: "input", kernelId: null, count: 1 }]);
    await runtime.dispose();
    expect(await waits("idle")).toEqual([]);
  });

  test.each([
    ["ask", { for: "answer", kernelId: "other", count: 1 }],
    ["receive", { for: "output", kernelId: "other", count: 1 }],
    ["send", { for: "room", kernelId: "other", count: 1 }],
  ] as const)("another kernel: %s", async (to, wait) => {
    const { runtime, waits } = await rig();
    await runtime.launch(idle.as("other"), { queueSize: 1 });
    await runtime.start(waiter);
    await runtime.send("waiter", Task({ n: 1, to }));
    await runtime.send("waiter", Task({ n: 2 }));
    expect(await waits("waiter")).toEqual([wait]);
    const inspection = await runtime.inspect();
    expect(of(inspection, "waiter")).toMatchObject({ state: "active", queued: 1, inHand: 1, parkedSenders: 0 });
    expect(of(inspection, "other")).toMatchObject({ state: "launched", parkedSenders: to === "send" ? 1 : 0 });
    expect(inspection.cycles).toEqual([]);
    await runtime.activate("other");
    if (to !== "receive") expect(await waits("waiter")).toEqual([{ for: "input", kernelId: null, count: 1 }]);
    await runtime.dispose();
  });

  test("a reader of its output, or room where that is linked to", async () => {
    const { clock, runtime, waits } = await rig();
    await runtime.launch(idle.as("other"), { queueSize: 1 });
    const first = await runtime.start(waiter, { queueSize: 1 });
    await first.send(Task({ n: 1, to: "output" }));
    expect(await waits("waiter")).toEqual([{ for: "reader", kernelId: null, count: 1 }]);
    await first.receive();
    await first.receive();
    await first.receive();
    await runtime.connect(first, other);
    await first.send(Task({ n: 2, to: "output" }));
    await clock.advance(2000);
    expect(await waits("waiter")).toEqual([{ for: "room", kernelId: "other", count: 1 }]);
    await runtime.dispose();
  });
});

test("two kernels that ask each other are named as a circle", async () => {
  const { clock, runtime } = await rig();
  await runtime.start(waiter, { id: "a", peers: { other: "b" } });
  await runtime.start(waiter, { id: "b", peers: { other: "a" } });
  await runtime.start(idle);
  await runtime.send("a", Task({ n: 9, to: "ask" }));
  await clock.settle();
  const { kernels, cycles } = await runtime.inspect();
  expect(cycles).toEqual([["a", "b"]]);
  expect(
    kernels.map(({ kernelId, queued, waitsOn }) => [kernelId, queued, waitsOn[0]?.for, waitsOn[0]?.kernelId]),
  ).toEqual([
    ["a", 1, "answer", "b"],
    ["b", 0, "answer", "a"],
    ["idle", 0, "input", null],
  ]);
  await runtime.dispose({ timeout: 0 });
});

test("circles: each is one, and every node that is in one is reached from one that is named", () => {
  const node = fc.nat({ max: 6 }).map(String);
  fc.assert(
    fc.property(fc.array(fc.tuple(node, node), { maxLength: 12 }), (pairs) => {
      const edges = new Map<string, string[]>();
      for (const [from, to] of pairs) edges.set(from, [...(edges.get(from) ?? []), to]);
      const reaches = (from: string): Set<string> => {
        const found = new Set<string>();
        const open = [...(edges.get(from) ?? [])];
        for (let id = open.pop(); id !== undefined; id = open.pop()) {
          if (found.has(id)) continue;
          found.add(id);
          open.push(...(edges.get(id) ?? []));
        }
        return found;
      };
      const circles = cyclesIn(edges);
      for (const circle of circles) {
        for (const [i, id] of circle.entries()) expect(edges.get(id)).toContain(circle[(i + 1) % circle.length]);
        expect(new Set(circle).size).toBe(circle.length);
      }
      const named = new Set(circles.flat());
      expect(named.size).toBe(circles.flat().length);
      for (const id of edges.keys()) {
        if (!reaches(id).has(id)) expect(named.has(id)).toBe(false);
        else expect([...reaches(id)].some((other) => named.has(other))).toBe(true);
      }
    }),
  );
});
