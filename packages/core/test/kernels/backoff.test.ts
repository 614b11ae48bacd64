import fc from "fast-check";
import { expect, test } from "vitest";
import { checkBackoff, DEFAULT_BACKOFF, delayBefore } from "../../src/kernels/supervision.js";
import { codeOf } from "../support/settling.js";

const backoff = fc.record({
  initial: fc.integer({ min: 0, max: 10_000 }),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  max: fc.integer({ min: 0, max: 100_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("delays grow from attempt to attempt up to their bound; chance only shortens them, by its share", () => {
  const attempts = fc.integer({ min: 2, max: 5000 });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(backoff, attempts, chance, (options, attempt, luck) => {
      const longest = (n: number) => delayBefore(n, options, () => 0);
      expect(longest(2)).toBe(Math.min(options.max, options.initial));
      expect(longest(attempt + 1)).toBeGreaterThanOrEqual(longest(attempt));
      expect(longest(attempt)).toBeLessThanOrEqual(options.max);
      const delay = delayBefore(attempt, options, () => luck);
      expect(delay).toBeLessThanOrEqual(longest(attempt));
      expect(delay).toBeGreaterThanOrEqual(longest(attempt) * (1 - options.jitter));
    }),
  );
});

test("what is left out has its default", () => {
  expect(checkBackoff({ initial: 5 })).toEqual({ ...DEFAULT_BACKOFF, initial: 5 });
  expect(DEFAULT_BACKOFF).toEqual({ initial: 100, factor: 2, max: 10_000, jitter: 0.2 });
  expect([2, 3, 4, 10].map((attempt) => delayBefore(attempt, DEFAULT_BACKOFF, () => 0))).toEqual([
    100, 200, 400, 10_000,
  ]);
});

test.each([
  { initial: -1 },
  { initial: Number.NaN },
  { initial: Number.POSITIVE_INFINITY },
  { initial: "1" as never },
  { initial: 1, factor: 0.5 },
  { initial: 1, max: -1 },
  { initial: 1, jitter: 2 },
  { initial: 1, jitter: -0.1 },
])("out of range: %o", async (options) => {
  expect(await codeOf(() => checkBackoff(options))).toBe("INVALID_ARGUMENT");
});
