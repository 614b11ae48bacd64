import { expect, test } from "vitest";
import { Store } from "../src/page/store.js";
import type { EventView, NodeView, Tick } from "../src/watch/model.js";

const latency = { p50: 1, p99: 2 };
const node = (id: string, queued: number) => ({ id, queued, rate: 1, processing: latency }) as NodeView;
const event = (n: number, count = 1) =>
  ({ n, count, at: n, kind: "log", subject: "k", text: "", stack: null }) as EventView;
const tick = (at: number, change: Partial<Tick>): Tick => ({
  ...{
    at,
    isWhole: false,
    nodes: [],
    gone: [],
    flows: [],
    stories: [],
    events: [],
    viewers: 1,
    every: 1000,
    tracing: 0,
  },
  ...{ letters: { size: 0, evicted: 0, groups: [] }, ...change },
});

test("a page that is open for hours grows by nothing", () => {
  const store = new Store();
  store.apply(tick(0, { isWhole: true, nodes: [node("a", 0), node("b", 0)], edges: [] }));
  for (let n = 1; n <= 5000; n++) store.apply(tick(n * 1000, { nodes: [node("a", n)], events: [event(n)] }));
  const { nodes, events } = store.state;
  expect([nodes.get("a")?.queued, nodes.get("b")?.queued]).toEqual([5000, 0]);
  expect([events.length, events.at(-1)?.n]).toEqual([2000, 5000]);
  for (const history of store.histories.values())
    for (const values of Object.values(history)) expect(values.length).toBe(300);
});

test("nodes that are gone go, events that are counted up are there once, a whole tick replaces everything", () => {
  const store = new Store();
  store.apply(tick(0, { isWhole: true, nodes: [node("a", 0), node("b", 0)], events: [event(1)] }));
  store.apply(tick(1, { gone: ["a"], events: [event(1, 7)] }));
  expect([...store.state.nodes.keys()]).toEqual(["b"]);
  expect(store.state.events.map(({ count }) => count)).toEqual([7]);
  expect([...store.histories.keys()]).toEqual(["b"]);
  store.apply(tick(2, { isWhole: true, nodes: [node("c", 0)] }));
  expect([[...store.state.nodes.keys()], store.state.events]).toEqual([["c"], []]);
});
