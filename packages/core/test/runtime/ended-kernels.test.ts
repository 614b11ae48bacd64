import { expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage } from "../../src/index.js";
import { disposeOrder } from "../../src/runtime/dispose-order.js";
import { local } from "../support/local-backend.js";

const Task = defineMessage("Task", body<{ n: number }>());
const sink = defineKernel({ id: "sink", input: Task, handle() {} });

test("of kernels that have ended a bounded number is known", { timeout: 60_000 }, async () => {
  const runtime = createRuntime({ backend: local() });
  const unread = await runtime.start(sink, { id: "running" });
  for (let i = 0; i < 5000; i++) await (await runtime.start(sink, { id: `k${i}` })).terminate();
  expect(runtime.kernels.length).toBeLessThan(3500);
  expect(unread.state).toBe("active");
  expect(runtime.state("k4999")).toBe("terminated");
  expect((await runtime.dispose()).has("k0.input")).toBe(true);
});

test("those that send end before those that they send to; circles end together", () => {
  const feeds = { a: ["b"], b: ["c", "d"], c: ["b"], d: ["e", "unknown"], e: [], f: ["e"], g: ["g"] };
  const groups = disposeOrder(Object.entries(feeds).map(([id, fed]) => ({ id, feeds: fed })));
  const ids = groups.map((group) => group.map(({ id }) => id).sort());
  expect(ids).toEqual([["a", "f", "g"], ["b", "c"], ["d"], ["e"]]);
});
