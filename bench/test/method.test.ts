import { describe, expect, it } from "vitest";
import { compare } from "../src/compare.js";
import { processMeter } from "../src/measure/process-meter.js";
import { stopwatch } from "../src/measure/stopwatch.js";
import { mergeReports } from "../src/report/merge-reports.js";
import { noiseOfMachine, noiseOfRatio, withControl } from "../src/report/noise.js";
import { isDrifting, isWarm } from "../src/stats/drift.js";
import { createRandom } from "../src/stats/random.js";
import { summarise } from "../src/stats/summary.js";
import type { Workload } from "../src/workloads/workload.js";
import { fakeSubject } from "./fake-line.js";
import { fakeReport, fakeRow, fakeWorkload } from "./fake-report.js";

/** Ratios around one that noise scatters by a fifth. */
function scattered(seed: number, count: number, change: (i: number) => number = () => 1): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => change(i) * (0.8 + 0.4 * random()));
}

describe("a trend", () => {
  it("is not seen in noise, however far it scatters", () => {
    const trials = Array.from({ length: 200 }, (_, seed) => seed);
    expect(trials.filter((seed) => isDrifting(scattered(seed, 15))).length).toBeLessThanOrEqual(4);
    expect(trials.filter((seed) => !isWarm(scattered(seed, 6))).length).toBeLessThanOrEqual(30);
  });

  it("is seen in what goes one way, also beneath noise", () => {
    const rising = (i: number) => 1 + 0.15 * i;
    const trials = Array.from({ length: 100 }, (_, seed) => seed);
    expect(trials.filter((seed) => isDrifting(scattered(seed, 15, rising))).length).toBeGreaterThanOrEqual(97);
    expect(isWarm([1, 1.2, 1.4, 1.6, 1.8, 2])).toBe(false);
    expect(isWarm([0.2, 0.5, 0.9, 1, 1.01, 0.99, 1, 1.005, 0.995])).toBe(true);
  });

  it("takes some ratios to be judged, and none below a twentieth", () => {
    expect(isWarm([1, 1, 1])).toBe(false);
    expect(isWarm([1, 1.01, 1.02, 1.03])).toBe(true);
  });
});

describe("the warm-up", () => {
  /** The subject's figures double until the sixth. */
  const warming = (): Workload => {
    const measured = new Map<unknown, number>();
    return {
      name: "echo",
      title: "warming",
      unit: "msg/s",
      better: "higher",
      stages: 1,
      async measure(line) {
        await line.send(1);
        const { n } = await line.receive();
        measured.set(n, (measured.get(n) ?? 0) + 1);
        return n === 1 ? 4096 : 2 ** Math.min(measured.get(n) as number, 12);
      },
    };
  };
  const options = { limit: 1000, signal: new AbortController().signal, random: createRandom(1), pairs: 5 };
  const [floor, subject] = [fakeSubject("floor"), fakeSubject("a", () => 2)];

  it("lasts until the ratio goes nowhere, and counts nothing of it", async () => {
    const { pairs, drifting } = await compare(warming(), floor, [subject], { ...options, warmups: 1, mostWarmups: 30 });
    expect(pairs.get("a")?.map((pair) => pair.subject)).toEqual([4096, 4096, 4096, 4096, 4096]);
    expect(drifting.size).toBe(0);
  });

  it("is cut short, and the pairs say so", async () => {
    const { pairs, drifting } = await compare(warming(), floor, [subject], { ...options, warmups: 1, mostWarmups: 3 });
    expect(pairs.get("a")).toHaveLength(5);
    expect([...drifting]).toEqual(["a"]);
  });

  it("is not needed for long by what warms up as the reference does", async () => {
    const { pairs } = await compare(warming(), subject, [subject], { ...options, warmups: 1, mostWarmups: 30 });
    expect(pairs.get("a")?.[0]?.subject).toBeLessThan(4096);
  });

  it("gives way when there is no patience left: the least pairs are measured, and no more", async () => {
    const { pairs } = await compare(warming(), floor, [subject], {
      ...options,
      pairs: 9,
      warmups: 1,
      mostWarmups: 30,
      patience: 0,
    });
    expect(pairs.get("a")).toHaveLength(3);
  });
});

describe("pairs", () => {
  const options = { limit: 1000, signal: new AbortController().signal, random: createRandom(2), pairs: 4, warmups: 0 };
  /** Logs whom it measures: 1 is the subject, 0 the reference; the figure is how often it was measured. */
  const logging = (log: number[], slices: number): Workload => ({
    name: "echo",
    title: "logging",
    unit: "msg/s",
    better: "higher",
    stages: 1,
    slices,
    async measure(line) {
      await line.send(1);
      const { n } = await line.receive();
      log.push(n);
      return log.filter((one) => one === n).length;
    },
  });
  const [floor, subject] = [fakeSubject("floor", () => 0), fakeSubject("a", () => 1)];

  it("are slices of both sides in turns; neither begins more often, or runs more often in the other's wake", async () => {
    const log: number[] = [];
    const { pairs } = await compare(logging(log, 4), floor, [subject], options);
    expect(pairs.get("a")).toHaveLength(4);
    const turns = Array.from({ length: 4 }, (_, pair) => log.slice(8 * pair, 8 * pair + 8).join(""));
    expect([...turns].sort()).toEqual(["01100110", "01100110", "10011001", "10011001"]);
    expect(turns[0]).not.toBe(turns[1]);
  });

  it("count the better quartile of their slices, so that a slice that was held up counts for nothing", async () => {
    let slice = 0;
    const held = (): Workload => ({ ...logging([], 8), measure: async () => (slice++ % 3 === 0 ? 10 : 100) });
    const { pairs } = await compare(held(), floor, [subject], options);
    for (const pair of pairs.get("a") ?? []) expect([pair.subject, pair.reference]).toEqual([100, 100]);
  });

  it("are taken once more while others are busy, half as many again at most, and the calmest are kept", async () => {
    const loads = [2, 0, 0, 2, 0, 0, 0, 0];
    const busy = (all: number[]) => ({ ...options, calm: 0.5, others: () => () => all.shift() ?? 2 });
    const kept = (await compare(logging([], 1), floor, [subject], busy([...loads]))).pairs.get("a") ?? [];
    expect(kept.map(({ others }) => others)).toEqual([0, 0, 0, 0]);
    const never = (await compare(logging([], 1), floor, [subject], busy([3, 2, 3, 2, 2, 2]))).pairs.get("a") ?? [];
    expect(never.map(({ others }) => others)).toEqual([2, 2, 2, 2]);
  });
});

describe("noise", () => {
  it("is told from how the machine was, and from how far figures lie apart", () => {
    const calm = { others: 0.1, cores: 2, isAlone: false, drifts: false };
    expect(noiseOfMachine(calm)).toEqual([]);
    expect(noiseOfMachine({ ...calm, others: 0.9, drifts: true })).toEqual([
      "others used 0.9 of 2 cores",
      "never steady",
    ]);
    expect(noiseOfMachine({ ...calm, others: 0.9, isAlone: true })).toEqual([]);
    expect(noiseOfRatio(summarise([1, 1.01, 0.99, 1, 1]))).toEqual([]);
    expect(noiseOfRatio(summarise([0.2, 1, 5, 0.1, 9]))[0]).toMatch(/^interval reaches \d+ %$/);
  });

  it("is in every row of a workload whose reference beside itself is not 1", () => {
    const itself = (ratios: number[]) => fakeWorkload([fakeRow("floor", [ratios]), fakeRow("a", [[0.5, 0.5, 0.5]])]);
    const marked = (ratios: number[]) => withControl(itself(ratios)).subjects.map(({ noise }) => noise.length);
    expect(marked([0.98, 0.99, 1, 1.01, 1.02])).toEqual([0, 0]);
    expect(marked([1.05, 1.05, 1.06, 1.06, 1.07])).toEqual([1, 1]);
    expect(marked([0.9, 0.91, 0.91, 0.92, 0.93])).toEqual([1, 1]);
    expect(marked([1.05, 1.06, 1.07])).toEqual([0, 0]);
    const failed = fakeReport([itself([1.05, 1.05, 1.06, 1.06, 1.07])]);
    const merged = mergeReports([failed, fakeReport([itself([0.94, 0.94, 0.95, 0.95, 0.96])])]);
    expect(merged.workloads[0]?.subjects.map(({ noise }) => noise)).toEqual([[], []]);
    expect(mergeReports([failed, failed]).workloads[0]?.subjects[1]?.noise[0]).toContain(
      "control: floor beside itself",
    );
  });
});

describe("the interval", () => {
  it("is wider where passes lie apart than where the same ratios are of one", () => {
    const pass = (middle: number) => Array.from({ length: 25 }, (_, i) => middle + 0.001 * (i % 5));
    const ratios = [0.95, 1, 1.05].flatMap(pass);
    const width = ({ interval }: { interval: { low: number; high: number } }) => interval.high - interval.low;
    expect(width(summarise(ratios, [25, 25, 25]))).toBeGreaterThan(1.3 * width(summarise(ratios)));
  });
});

describe("the stopwatch", () => {
  it("leaves out what others took, where one thread works alone", async () => {
    const [alone, wall] = [stopwatch(true), stopwatch(false)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(wall()).toBeGreaterThan(45);
    expect(alone()).toBeLessThan(wall());
  });
});

describe("processMeter", () => {
  it("tells work from waiting, and sees garbage that is collected", async () => {
    using meter = processMeter();
    const [, waiting] = await meter.run(() => new Promise((resolve) => setTimeout(resolve, 60)));
    const [, working] = await meter.run(async () => {
      let kept: unknown[] = [];
      for (let i = 0; i < 500_000; i++) {
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
