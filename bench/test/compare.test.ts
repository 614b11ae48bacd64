import { describe, expect, it } from "vitest";
import { type CompareOptions, compare } from "../src/compare.js";
import { createRandom } from "../src/stats/random.js";
import type { Workload } from "../src/workloads/workload.js";
import { fakeSubject } from "./fake-line.js";

/** A workload whose figure is the number of the measurement. */
function counting(measure?: () => Promise<void>): Workload {
  let measured = 0;
  return {
    name: "echo",
    title: "counting",
    unit: "msg/s",
    better: "higher",
    stages: 1,
    async measure(line) {
      await line.send(0);
      await line.receive();
      await measure?.();
      return ++measured;
    },
  };
}

function options(change: Partial<CompareOptions> = {}): CompareOptions {
  const signal = new AbortController().signal;
  return { pairs: 15, warmups: 2, limit: 1000, signal, random: createRandom(3), ...change };
}

describe("compare", () => {
  it("runs each subject right beside the reference, each side on one line from first to last, and counts no warm-up", async () => {
    const log: string[] = [];
    const reference = fakeSubject("floor", undefined, log);
    const subjects = ["a", "b"].map((name) => fakeSubject(name, undefined, log));
    const { pairs, failures } = await compare(counting(), reference, subjects, options());

    expect(failures.size).toBe(0);
    for (const name of ["a", "b"]) {
      const taken = pairs.get(name)!;
      expect(taken).toHaveLength(15);
      for (const pair of taken) {
        expect(Math.abs(pair.subject - pair.reference)).toBe(1);
        expect(Math.min(pair.subject, pair.reference)).toBeGreaterThan(2 * 2 * 2);
      }
      expect(taken.some((pair) => pair.subject < pair.reference)).toBe(true);
      expect(taken.some((pair) => pair.subject > pair.reference)).toBe(true);
    }
    expect([...log].sort()).toEqual(["close a", "close b", "close floor", "open a", "open b", "open floor"]);
  });

  it("measures the reference against itself when it is asked to", async () => {
    const floor = fakeSubject("floor");
    const { pairs } = await compare(counting(), floor, [floor], options({ pairs: 2 }));
    expect(pairs.get("floor")).toHaveLength(2);
  });

  it("goes on without a subject that fails, and says how it failed", async () => {
    const log: string[] = [];
    const bad = { ...fakeSubject("bad", undefined, log), open: () => Promise.reject(new Error("no such thing")) };
    const { pairs, failures } = await compare(counting(), fakeSubject("floor"), [bad, fakeSubject("good")], options());
    expect(failures).toEqual(new Map([["bad", "no such thing"]]));
    expect(pairs.get("good")).toHaveLength(15);
    expect(pairs.get("bad")).toHaveLength(0);
  });

  it("closes the line of a measurement that does not end", async () => {
    const log: string[] = [];
    const stuck = { ...counting(), measure: () => new Promise<never>(() => {}) };
    const subject = fakeSubject("stuck", undefined, log);
    const { failures } = await compare(stuck, subject, [subject], options({ limit: 10 }));
    expect(failures.get("stuck")).toContain("no end");
    expect(log.filter((entry) => entry === "open stuck")).toHaveLength(
      log.filter((entry) => entry === "close stuck").length,
    );
  });

  it("keeps the complete pairs when it is interrupted", async () => {
    const controller = new AbortController();
    let measured = 0;
    const workload = counting(async () => {
      if (++measured === 8) controller.abort();
      await new Promise((resolve) => setImmediate(resolve));
    });
    const { pairs, failures } = await compare(
      workload,
      fakeSubject("floor"),
      [fakeSubject("a")],
      options({ warmups: 1, signal: controller.signal }),
    );
    expect(failures.size).toBe(0);
    expect(pairs.get("a")).toHaveLength(2);
  });
});
