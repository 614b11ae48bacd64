import { describe, expect, it } from "vitest";
import { compare } from "../src/compare.js";
import { processMeter } from "../src/measure/process-meter.js";
import { mergeReports } from "../src/report/merge-reports.js";
import { noiseOfMachine, noiseOfRatio } from "../src/report/noise.js";
import { isSteady } from "../src/stats/is-steady.js";
import { createRandom } from "../src/stats/random.js";
import { summarise } from "../src/stats/summary.js";
import type { Workload } from "../src/workloads/workload.js";
import { fakeSubject } from "./fake-line.js";
import { fakeReport, fakeRow, fakeWorkload } from "./fake-report.js";

describe("the warm-up", () => {
  it("is over when three figures in a row agree", () => {
    expect(isSteady([1, 2])).toBe(false);
    expect(isSteady([1, 2, 4])).toBe(false);
    expect(isSteady([1, 2, 4, 8, 8.5, 8.2])).toBe(true);
  });

  /** Its figures double until the sixth. */
  const warming = (): Workload => {
    let measured = 0;
    return {
      name: "echo",
      title: "warming",
      unit: "msg/s",
      better: "higher",
      stages: 1,
      measure: async () => 2 ** Math.min(++measured, 12),
    };
  };
  const options = { limit: 1000, signal: new AbortController().signal, random: createRandom(1), pairs: 4 };

  it("lasts until then, and counts nothing of it", async () => {
    const subject = fakeSubject("a");
    const { pairs, unsteady } = await compare(warming(), fakeSubject("floor"), [subject], {
      ...options,
      warmups: 1,
      mostWarmups: 20,
    });
    expect(pairs.get("a")?.map((pair) => pair.subject)).toEqual([4096, 4096, 4096, 4096]);
    expect(unsteady.size).toBe(0);
  });

  it("is cut short, and says so", async () => {
    const { pairs, unsteady } = await compare(warming(), fakeSubject("floor"), [fakeSubject("a")], {
      ...options,
      warmups: 1,
      mostWarmups: 3,
    });
    expect(pairs.get("a")).toHaveLength(4);
    expect([...unsteady]).toEqual(["a"]);
  });

  it("gives way when there is no patience left: the least pairs are measured, and no more", async () => {
    const { pairs } = await compare(warming(), fakeSubject("floor"), [fakeSubject("a")], {
      ...options,
      pairs: 9,
      warmups: 1,
      mostWarmups: 20,
      patience: 0,
    });
    expect(pairs.get("a")).toHaveLength(3);
  });
});

describe("noise", () => {
  it("is told from how the machine was, and from how far figures lie apart", () => {
    expect(noiseOfMachine({ others: 0.1, cores: 2, steady: true })).toEqual([]);
    expect(noiseOfMachine({ others: 0.9, cores: 2, steady: false })).toEqual([
      "others used 0.9 of 2 cores",
      "never steady",
    ]);
    expect(noiseOfRatio(summarise([1, 1.01, 0.99, 1, 1]))).toEqual([]);
    expect(noiseOfRatio(summarise([0.2, 1, 5, 0.1, 9]))[0]).toMatch(/^interval reaches \d+ %$/);
  });
});

describe("processMeter", () => {
  it("tells work from waiting, and sees garbage that is collected", async () => {
    using meter = processMeter();
    const [, waiting] = await meter.run(() => new Promise((resolve) => setTimeout(resolve, 60)));
    const [, working] = await meter.run(async () => {
      let kept: unknown[] = [];
      for (const end = performance.now() + 150; performance.now() < end; ) {
        kept.push(new Array(100).fill(kept.length));
        if (kept.length > 20_000) kept = [];
      }
      return kept.length;
    });
    expect(waiting?.wall).toBeGreaterThan(50);
    expect(waiting?.cpu).toBeLessThan(working?.cpu as number);
    expect(working?.gc).toBeGreaterThan(0);
    expect(working?.heap).toBeGreaterThan(1e6);
  });
});

describe("mergeReports", () => {
  it("puts the samples of passes side by side, and keeps what only one has", () => {
    const one = fakeReport([fakeWorkload([fakeRow("a", [[1, 2]])])], { failures: ["x"], passes: 1 });
    const two = fakeReport(
      [fakeWorkload([fakeRow("a", [[3, 4, 5]])]), fakeWorkload([fakeRow("b", [[9]])], { name: "chain" })],
      {
        failures: ["x", "y"],
        interrupted: true,
        passes: 1,
      },
    );
    const merged = mergeReports([one, two]);
    expect(merged).toMatchObject({ passes: 2, interrupted: true, failures: ["x", "y"] });
    expect(merged.workloads.map(({ name }) => name)).toEqual(["echo", "chain"]);
    expect(merged.workloads[0]?.subjects[0]).toMatchObject({
      passes: [2, 3],
      ratio: { samples: [1, 2, 3, 4, 5], median: 3 },
    });
    expect(merged.workloads[1]?.subjects[0]?.passes).toEqual([0, 1]);
  });
});
