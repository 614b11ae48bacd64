import { describe, expect, it } from "vitest";
import { medianInterval } from "../src/stats/bootstrap.js";
import { median, quantile } from "../src/stats/quantile.js";
import { createRandom, shuffled } from "../src/stats/random.js";
import { summarise } from "../src/stats/summary.js";

describe("quantile", () => {
  it("takes the middle of an odd number and the mean of the middle two of an even one", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it("sorts by value, leaves the samples as they were, and lies between neighbours", () => {
    const samples = [10, 9, 100, 1];
    expect(quantile(samples, 0.25)).toBe(7);
    expect(quantile(samples, 0)).toBe(1);
    expect(quantile(samples, 1)).toBe(100);
    expect(samples).toEqual([10, 9, 100, 1]);
  });

  it("refuses no samples and a share outside 0 to 1", () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.1)).toThrow(RangeError);
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });
});

describe("createRandom", () => {
  it("gives the same row for the same seed, another for another, all from 0 up to 1", () => {
    const row = (seed: number) => Array.from({ length: 1000 }, createRandom(seed));
    expect(row(1)).toEqual(row(1));
    expect(row(1)).not.toEqual(row(2));
    expect(row(3).every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = row(4).reduce((sum, value) => sum + value, 0) / 1000;
    expect(mean).toBeCloseTo(0.5, 1);
  });
});

describe("shuffled", () => {
  it("keeps every item and puts each in every place about as often", () => {
    const random = createRandom(7);
    const firsts = { a: 0, b: 0, c: 0 };
    for (let round = 0; round < 3000; round++) {
      const order = shuffled(["a", "b", "c"] as const, random);
      expect([...order].sort()).toEqual(["a", "b", "c"]);
      firsts[order[0]!]++;
    }
    for (const count of Object.values(firsts)) expect(count).toBeGreaterThan(900);
  });
});

describe("medianInterval", () => {
  it("is the value itself where nothing scatters", () => {
    expect(medianInterval([5, 5, 5])).toEqual({ low: 5, high: 5 });
  });

  it("holds the median, is repeatable, and narrows with more samples", () => {
    const spread = (length: number) => Array.from({ length }, (_, index) => index / (length - 1));
    const [few, many] = [spread(11), spread(501)];
    for (const samples of [few, many]) {
      const { low, high } = medianInterval(samples);
      expect(low).toBeLessThanOrEqual(median(samples));
      expect(high).toBeGreaterThanOrEqual(median(samples));
    }
    const width = (samples: number[]) => medianInterval(samples).high - medianInterval(samples).low;
    expect(width(many)).toBeLessThan(width(few) / 2);
  });

  it("covers the true median about 19 times in 20", () => {
    const random = createRandom(23);
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const { low, high } = medianInterval(Array.from({ length: 15 }, random), undefined, 400);
      if (low <= 0.5 && high >= 0.5) covered++;
    }
    expect(covered).toBeGreaterThan(176);
  });
});

describe("summarise", () => {
  it("keeps the samples in their order beside what they say", () => {
    const summary = summarise([4, 2, 3, 1, 5]);
    expect(summary.samples).toEqual([4, 2, 3, 1, 5]);
    expect(summary.median).toBe(3);
    expect(summary.quartiles).toEqual({ low: 2, high: 4 });
  });
});
