import { expect, test } from "vitest";
import { FaultPlan } from "../../src/testing/fault-plan.js";

const count = (plan: FaultPlan, times: number, kernelId = "k") =>
  Array.from({ length: times }, () => plan.at("delivery", kernelId) !== undefined).filter(Boolean).length;

test("a chance is about what it says, by kernel, fault and seed", () => {
  const plan = (seed: number) => new FaultPlan([{ do: "crash", chance: 0.25 }], seed);
  for (const seed of [0, 1, -7, 2 ** 31]) {
    for (const kernelId of ["a", "b"]) {
      const struck = count(plan(seed), 10_000, kernelId);
      expect(struck).toBeGreaterThan(2300);
      expect(struck).toBeLessThan(2700);
    }
  }
  const hits = (seed: number, kernelId: string) => {
    const own = plan(seed);
    count(own, 100, kernelId);
    return own.injected.map(({ nth }) => nth).join();
  };
  expect(hits(1, "a")).toBe(hits(1, "a"));
  expect(new Set([hits(1, "a"), hits(1, "b"), hits(2, "a")]).size).toBe(3);
});

test("0 never, 1 always; what else is said must hold too", () => {
  expect(count(new FaultPlan([{ do: "crash", chance: 0 }], 1), 1000)).toBe(0);
  expect(count(new FaultPlan([{ do: "crash", chance: 1 }], 1), 1000)).toBe(1000);
  expect(count(new FaultPlan([{ do: "crash", chance: 1, every: 3 }], 1), 10)).toBe(3);
  expect(count(new FaultPlan([{ do: "crash", nth: 4 }], 1), 10)).toBe(1);
});

test("kernels count for themselves, and of several faults the first strikes", () => {
  const plan = new FaultPlan([{ do: "delay", by: 1, nth: 2, kernelId: "a" }, { do: "crash" }], 1);
  const struck = ["a", "b", "a", "b"].map((kernelId) => plan.at("delivery", kernelId)?.do);
  expect(struck).toEqual(["crash", "crash", "delay", "crash"]);
  expect(plan.injected.map(({ kernelId, nth }) => `${kernelId}${nth}`)).toEqual(["a1", "b1", "a2", "b2"]);
});
