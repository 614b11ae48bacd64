import { expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage } from "../../src/index.js";
import { disposeOrder, Termination, type TerminationDeadlines } from "../../src/runtime/termination.js";
import { systemClock } from "../../src/time/clock.js";
import { turn } from "../../src/time/turn.js";
import { local } from "../support/local-backend.js";

const Task = defineMessage("Task", body<{ n: number }>());
const sink = defineKernel({ id: "sink", input: Task, handle() {} });

test("of kernels that have ended a bounded number is known", async () => {
  const runtime = createRuntime({ backend: local() });
  const unread = await runtime.start(sink, { id: "running" });
  for (let i = 0; i < 5000; i++) await (await runtime.start(sink, { id: `k${i}` })).terminate();
  expect(runtime.kernels.length).toBeLessThan(3500);
  expect(unread.state).toBe("active");
  expect(runtime.state("k4999")).toBe("terminated");
  expect((await runtime.dispose()).has("k0.input")).toBe(true);
});

test("those that send end before those that they send to; circles end together", async () => {
  const feeds = { a: ["b"], b: ["c", "d"], c: ["b"], d: ["e", "unknown"], e: [], f: ["e"], g: ["g"] };
  const groups = await disposeOrder(Object.entries(feeds).map(([id, fed]) => ({ id, targets: fed })));
  const ids = groups.map((group) => group.map(({ id }) => id).sort());
  expect(ids).toEqual([["a", "f", "g"], ["b", "c"], ["d"], ["e"]]);
});

/** Counts by turn of the event loop. */
function perTurn() {
  const counts: number[] = [];
  let isOpen = false;
  return {
    counts,
    add() {
      if (!isOpen) {
        isOpen = true;
        counts.push(0);
        setImmediate(() => {
          isOpen = false;
        });
      }
      counts.push((counts.pop() as number) + 1);
      while (!turn.spend()); // the slice is used up
    },
  };
}

test("kernels whose grace period is over end in slices: the event loop turns in between", async () => {
  const runtime = createRuntime({ backend: local() });
  const { counts, add } = perTurn();
  const stuck = defineKernel({
    id: "stuck",
    input: Task,
    handle: (_, { signal }) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          add();
          resolve();
        });
      }),
  });
  for (let i = 0; i < 100; i++) await (await runtime.start(stuck, { id: `k${i}` })).send(Task({ n: i }));
  await runtime.dispose({ drain: true, timeout: 100 });
  expect(counts.reduce((sum, count) => sum + count)).toBe(100);
  expect(Math.max(...counts)).toBeLessThan(30);
});

test("the order of a drain is found in slices", async () => {
  const { counts, add } = perTurn();
  const kernels = Array.from({ length: 20 }, (_, i) => ({
    id: `k${i}`,
    get targets() {
      add();
      return [];
    },
  }));
  expect((await disposeOrder(kernels)).flat()).toHaveLength(20);
  expect(counts.length).toBeGreaterThan(10);
});

test("ends that are cut short share one reason", async () => {
  const cut = new AbortController();
  const reasons: unknown[] = [];
  const end = ({ grace }: TerminationDeadlines) =>
    new Promise<void>((resolve) => {
      grace.addEventListener("abort", () => {
        reasons.push(grace.reason);
        resolve();
      });
    });
  const ends = [1, 2].map(() => new Termination(systemClock).beginWithin({ signal: cut.signal }, end));
  cut.abort();
  await Promise.all(ends);
  expect(reasons).toHaveLength(2);
  expect(reasons[0]).toBe(reasons[1]);
});
