import { describe, expect, it } from "vitest";
import { compareReports } from "../src/comparison/compare-reports.js";
import { renderComparison } from "../src/comparison/render-comparison.js";
import { normalQuantile } from "../src/stats/normal-quantile.js";
import { createRandom } from "../src/stats/random.js";
import { fakeReport, fakeRow, fakeWorkload } from "./fake-report.js";

const THRESHOLD = 0.15;

/** Three processes that lie apart, with pairs that scatter, some of them far off. */
function noisyPasses(random: () => number, middle: number): number[][] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: 3 }, () => {
    const process = middle * Math.exp(0.05 * normal());
    return Array.from({ length: 5 }, () => process * Math.exp((random() < 0.05 ? 0.5 : 0.06) * normal()));
  });
}

function noisyReport(random: () => number, rows: number, slowdown: (row: number) => number = () => 1) {
  return fakeReport(
    Array.from({ length: rows }, (_, row) =>
      fakeWorkload([fakeRow("ringline", noisyPasses(random, 0.5 / slowdown(row)))], { name: `simple/${row}` }),
    ),
  );
}

const slower = (before: ReturnType<typeof noisyReport>, after: ReturnType<typeof noisyReport>) =>
  compareReports(before, after, THRESHOLD).rows.filter(({ verdict }) => verdict === "slower");

describe("compareReports", () => {
  it("calls at most one of twenty comparisons of the same thing slower, with fifty rows each", () => {
    const random = createRandom(7);
    const mistaken = Array.from({ length: 20 }, () => slower(noisyReport(random, 50), noisyReport(random, 50)));
    expect(mistaken.filter((rows) => rows.length > 0).length).toBeLessThanOrEqual(1);
  });

  it("finds one row of ten that became 1.5 times slower, nearly always, and no other", () => {
    const random = createRandom(8);
    const found = Array.from({ length: 20 }, () =>
      slower(
        noisyReport(random, 10),
        noisyReport(random, 10, (row) => (row === 4 ? 1.5 : 1)),
      ).map(({ workload }) => workload),
    );
    expect(found.filter((rows) => rows.includes("simple/4")).length).toBeGreaterThanOrEqual(18);
    expect(found.flat().filter((name) => name !== "simple/4")).toEqual([]);
  });

  const steady = (ratio: number) => [1, 2, 3].map(() => [ratio, ratio * 1.01, ratio * 0.99, ratio, ratio]);
  const verdict = (better: "higher" | "lower", before: number, after: number) => {
    const report = (ratio: number) => fakeReport([fakeWorkload([fakeRow("a", steady(ratio))], { better })]);
    return compareReports(report(before), report(after), THRESHOLD).rows[0];
  };

  it("knows which way is better", () => {
    expect(verdict("higher", 1, 0.5)).toMatchObject({ verdict: "slower", slowdown: expect.closeTo(2, 1) });
    expect(verdict("lower", 1, 0.5)).toMatchObject({ verdict: "faster", slowdown: expect.closeTo(0.5, 1) });
    expect(verdict("higher", 1, 1)).toMatchObject({ verdict: "same" });
  });

  it("calls nothing slower that stays within the threshold, however sure it is", () => {
    expect(verdict("higher", 1, 1 / 1.1)?.verdict).not.toBe("slower");
  });

  it("says what it cannot compare, and leaves out the reference", () => {
    const before = fakeReport([fakeWorkload([fakeRow("floor", steady(1)), fakeRow("gone", steady(1))])]);
    const after = fakeReport([fakeWorkload([fakeRow("floor", steady(1)), fakeRow("new", steady(1))])], { passes: 1 });
    const compared = compareReports(before, after, THRESHOLD);
    expect(compared.rows).toEqual([]);
    expect(compared.incomparable).toEqual(["echo, gone: only before", "echo, new: only after"]);
    expect(compared.warnings.join()).toContain("passes");
    expect(renderComparison(compared, THRESHOLD)).toContain("0 slower");
  });
});

describe("normalQuantile", () => {
  it("is what tables say", () => {
    expect([0.5, 0.975, 0.9995, 0.025].map(normalQuantile)).toEqual([
      expect.closeTo(0, 6),
      expect.closeTo(1.959964, 5),
      expect.closeTo(3.290527, 5),
      expect.closeTo(-1.959964, 5),
    ]);
  });
});
