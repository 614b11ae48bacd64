import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compareReports } from "../src/comparison/compare-reports.js";
import { type CountRow, countAll } from "../src/counts/count-row.js";
import { fakeReport } from "./fake-report.js";

const isBuilt = existsSync(fileURLToPath(new URL("../dist/counts/main.js", import.meta.url)));
const HERE = ["ringline-handle", "ringline-run", "ringline-request"];

/** Upper limits for a message of an echo. Raise a limit in the commit that needs it, with the reason. */
const LIMITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "ringline-handle": {
    promises: 3.05,
    "bytes allocated": 1000,
    "atomic writes": 0.05,
    "wake-ups": 0.05,
    "bytes set": 1,
  },
  "ringline-run": { promises: 6.05, "bytes allocated": 1300, "atomic writes": 0.05, "wake-ups": 0.05, "bytes set": 1 },
  "ringline-request": {
    promises: 8.05,
    "bytes allocated": 3400,
    "atomic writes": 0.05,
    "wake-ups": 0.05,
    "bytes set": 1,
  },
  "thread-handle": { promises: 3.2, "bytes allocated": 1200, "atomic writes": 8, "wake-ups": 0.5, "bytes set": 1 },
  "thread-run": { promises: 6.3, "bytes allocated": 1200, "atomic writes": 8, "wake-ups": 0.5, "bytes set": 1 },
};

function worse(before: readonly CountRow[], after: readonly CountRow[]): string[] {
  const [one, other] = [fakeReport([], { counts: before }), fakeReport([], { counts: after })];
  const { counts } = compareReports(one, other, 0.15);
  return counts.filter(({ verdict }) => verdict === "more").map(({ subject, counted }) => `${subject}, ${counted}`);
}

// counted by programs as they were built, as threads load them too
describe.runIf(isBuilt)("counts", { timeout: 300_000 }, () => {
  let plain: readonly CountRow[] = [];

  it("stay within what a message of the hot paths may take, in process and on threads", async () => {
    plain = await countAll({ only: Object.keys(LIMITS) });
    expect(plain.map(({ name }) => name)).toEqual(Object.keys(LIMITS));
    for (const { name, counts } of plain) {
      for (const [counted, limit] of Object.entries(LIMITS[name] ?? {})) {
        expect(counts[counted], `${name}, ${counted}`).toBeLessThanOrEqual(limit);
      }
      expect(counts["bytes allocated"], name).toBeGreaterThan(100);
    }
  });

  it("are the same for the same code", async () => {
    expect(worse(plain, await countAll({ only: HERE }))).toEqual([]);
  });

  it("find 64 bytes more for each message that leaves a port", async () => {
    // 64 bytes are 2 % of what a request allocates, which is within the noise of that row
    const only = HERE.filter((name) => name !== "ringline-request");
    const found = worse(plain, await countAll({ only, plant: "bytes" }));
    expect(found).toEqual(only.map((name) => `${name}, bytes allocated`));
  });

  it("find one promise more for each message that leaves a port", async () => {
    const found = worse(plain, await countAll({ only: HERE, plant: "promise" }));
    expect(found).toEqual(expect.arrayContaining(HERE.map((name) => `${name}, promises`)));
  });
});
