import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "../../src/telemetry/measures.js";

/** Error bound of each percentile in `KernelTelemetry`, as a share, and the finest difference in milliseconds. */
const SHARE = 1 / 32;
const FINEST = 1e-4;

const milliseconds = fc.oneof(
  fc.double({ min: 0, max: 1e-2, noNaN: true }),
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.double({ min: 0, max: 1e8, noNaN: true }),
  fc.nat({ max: 40 }).map((exponent) => 2 ** exponent * FINEST),
);

test("values that were added from lists count as recorded ones", () => {
  fc.assert(
    fc.property(fc.array(milliseconds), fc.array(milliseconds), (here, elsewhere) => {
      const [all, one, other] = [new Histogram(), new Histogram(), new Histogram()];
      for (const value of [...here, ...elsewhere]) all.record(value);
      for (const value of here) one.record(value);
      for (const value of elsewhere) other.record(value);
      one.add(other.toList());
      expect(one.latency()).toEqual(all.latency());
      expect(one.toList()).toEqual(all.toList());
    }),
  );
});

test("a list with what is no bucket changes nothing else", () => {
  const histogram = new Histogram();
  histogram.record(1);
  histogram.add([-1, 5, 0.5, 3, 1e9, 2, Number.NaN, 1, 0]);
  expect(histogram.latency()).toMatchObject({ p50: histogram.latency().p99, max: 1 });
});

test("percentiles are within 1/32 of the exact ones", () => {
  fc.assert(
    fc.property(fc.array(milliseconds, { minLength: 1, maxLength: 300, size: "max" }), (values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      const sorted = [...values].sort((a, b) => a - b);
      const exact = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] as number;
      const { p50, p90, p99, max } = histogram.latency();
      expect(max).toBe(sorted.at(-1));
      for (const [measured, wanted] of [
        [p50, exact(0.5)],
        [p90, exact(0.9)],
        [p99, exact(0.99)],
      ] as const) {
        expect(Math.abs(measured - wanted)).toBeLessThanOrEqual(Math.max(wanted * SHARE, FINEST / 2) * (1 + 1e-9));
      }
      expect(p50 <= p90 && p90 <= p99 && p99 <= max).toBe(true);
    }),
  );
});

test("without values there are zeros; beyond its range values count as the largest", () => {
  const histogram = new Histogram();
  expect(histogram.latency()).toEqual({ p50: 0, p90: 0, p99: 0, max: 0, octaves: [] });
  histogram.record(1e300);
  expect(histogram.latency().max).toBe(1e300);
  expect(histogram.latency().p50).toBeGreaterThan(1e8);
});
