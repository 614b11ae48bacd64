import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Pair } from "../src/compare.js";
import { mergeReports } from "../src/report/merge-reports.js";
import type { Report } from "../src/report/report.js";
import { reportOfSubject } from "../src/report/subject-report.js";
import { histogramOf, mergeHistograms, percentilesOf } from "../src/stats/histogram.js";
import { quantile } from "../src/stats/quantile.js";
import { createRandom } from "../src/stats/random.js";
import type { Line } from "../src/subject.js";
import { latency, openLoop } from "../src/workloads/latency.js";
import { fakeReport, fakeWorkload } from "./fake-report.js";

/** Answers at once, but for one message that holds up everything behind it. */
function stalling(stall: number, at: number): Line {
  const inbox: number[] = [];
  let waiter: (() => void) | undefined;
  return {
    async send(n) {
      if (n === at) await sleep(stall);
      inbox.push(n);
      waiter?.();
    },
    async receive() {
      while (inbox.length === 0) await new Promise<void>((resolve) => (waiter = resolve));
      return { n: inbox.shift() as number, messageId: 1, priority: 128, correlationId: 0 };
    },
    close: async () => {},
  };
}

describe("openLoop", () => {
  it("charges a stall to every message that was due meanwhile, those not yet sent included", async () => {
    const [rate, stall] = [1000, 200];
    const latencies = await openLoop(stalling(stall, 20), rate, 300);
    // those due half-way through the stall waited for at least half of it
    const halfway = Array.from(latencies.slice(20, 20 + (stall * rate) / 2000));
    expect(Math.min(...halfway)).toBeGreaterThan((stall / 2) * 1000 * 0.9);
    expect(latencies.filter((microseconds) => microseconds > 50_000).length).toBeGreaterThanOrEqual(140);
  });

  it("finds a line that loses its order", async () => {
    const line = stalling(0, -1);
    const swapped: Line = { ...line, receive: async () => ({ ...(await line.receive()), n: 7 }) };
    await expect(openLoop(swapped, 1000, 3)).rejects.toThrow("got message 7 where 0 was due");
  });
});

describe("latency", () => {
  it("keeps every message in its histogram, and takes the median as its figure", async () => {
    const found = await latency({ name: "latency", rate: 2000, duration: 50 }).measure(stalling(5, 50));
    if (typeof found === "number" || found.latencies === undefined) throw new Error("no histogram");
    expect(found.latencies.count).toBe(100);
    const { p50 = 0, max = 0 } = percentilesOf(found.latencies);
    // the figure is exact, the histogram's percentile the bound of a bucket, and one of few messages
    expect(found.value / p50).toBeGreaterThan(0.75);
    expect(found.value / p50).toBeLessThan(1.35);
    expect(max).toBe(found.latencies.max);
  });

  it("shows a stall of 50 ms in 3 of 15 measurements in the tail and in the maximum, also after passes are merged", () => {
    const calm = Array.from({ length: 2000 }, (_, n) => 8 + (n % 5));
    // at 10,000 a second half of a second's twentieth is due during the stall
    const stalled = calm.map((value, n) => (n < 500 ? 50_000 - 100 * n : value));
    const pass = (stalls: number): Report => {
      const pairs = Array.from({ length: 5 }, (_, i): Pair => {
        const latencies = histogramOf(i < stalls ? stalled : calm);
        return { subject: 10, reference: 10, measured: { value: 10, latencies }, costs: null, others: 0 };
      });
      const comparison = { pairs: new Map([["a", pairs]]), drifting: new Set<string>(), failures: new Map() };
      return fakeReport([fakeWorkload([reportOfSubject({ name: "a", title: "a" }, comparison, { cores: 2 })])]);
    };
    const merged = mergeReports([pass(1), pass(0), pass(2)]);
    const { percentiles, latencies } = merged.workloads[0]?.subjects[0] ?? {};
    expect(latencies?.count).toBe(30_000);
    expect(percentiles?.["p50"]).toBeLessThan(15);
    expect(percentiles?.["p99"]).toBeGreaterThan(35_000);
    expect(percentiles?.["max"]).toBe(50_000);
  });
});

describe("percentilesOf", () => {
  it("tells no tail that too few messages have", () => {
    const of = (count: number) => Object.keys(percentilesOf(histogramOf(Array.from({ length: count }, (_, n) => n))));
    expect(of(50)).toEqual(["p50", "max"]);
    expect(of(999)).toEqual(["p50", "p90", "max"]);
    expect(of(9_999)).toEqual(["p50", "p90", "p99", "max"]);
    expect(of(10_001)).toEqual(["p50", "p90", "p99", "p99.9", "max"]);
  });

  it("is within 1 % of what sorting says, whatever the size", () => {
    const random = createRandom(5);
    const values = Array.from({ length: 20_000 }, () => 2 * Math.exp(9 * random()));
    const found = percentilesOf(mergeHistograms([histogramOf(values.slice(0, 7)), histogramOf(values.slice(7))])!);
    for (const [name, share] of [
      ["p50", 0.5],
      ["p99", 0.99],
      ["p99.9", 0.999],
    ] as const) {
      expect(Math.abs((found[name] as number) / quantile(values, share) - 1)).toBeLessThan(0.015);
    }
  });
});
