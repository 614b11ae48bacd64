import fc from "fast-check";
import { expect, test } from "vitest";
import { RateWindow } from "../../src/telemetry/measures.js";
import type { Throughput } from "../../src/telemetry/telemetry.js";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.js";

const STEP = 10;
const STEPS = 20;
const WINDOW = STEP * STEPS;

type Event = { readonly after: number; readonly asks: boolean };
const gap = (min: number) => fc.oneof(fc.integer({ min, max: 15 }), fc.integer({ min, max: 3 * WINDOW }));
const events = (min: number) =>
  fc.array(fc.record<Event>({ after: gap(min), asks: fc.boolean() }), { maxLength: 120, size: "max" });

/** Counts as a port does: it calls the window when the window asked for it. */
class Counter {
  readonly #rate: RateWindow;
  #total = 0;
  #next = 1;

  constructor(clock: VirtualClock) {
    this.#rate = new RateWindow(WINDOW, clock);
  }

  count(): void {
    if (++this.#total >= this.#next) this.#next = this.#rate.record(this.#total);
  }

  throughput(): Throughput {
    return this.#rate.throughput(this.#total);
  }
}

/** Keeps the time of every event. */
class Model {
  readonly #times: number[] = [];
  constructor(readonly started: number) {}

  count(now: number): void {
    this.#times.push(now);
  }

  throughput(now: number): { recent: number; overall: number; covered: number } {
    const step = (time: number) => Math.floor((time - this.started) / STEP);
    const recent = this.#times.filter((time) => step(time) > step(now) - STEPS).length;
    const age = now - this.started;
    const covered = Math.min(age, WINDOW - STEP + (age % STEP));
    if (age === 0) return { recent: 0, overall: 0, covered };
    return { recent: (recent * 1000) / covered, overall: (this.#times.length * 1000) / age, covered };
  }
}

test("events that come apart are counted exactly, over the window and overall", () => {
  fc.assert(
    fc.property(events(1), (list) => {
      const clock = virtualClock(1000);
      const rate = new Counter(clock);
      const model = new Model(clock.now());
      for (const { after, asks } of list) {
        clock.stall(after);
        if (asks) {
          const { recent, overall } = model.throughput(clock.now());
          const measured = rate.throughput();
          expect(measured.recent).toBeCloseTo(recent, 6);
          expect(measured.overall).toBeCloseTo(overall, 6);
        } else {
          rate.count();
          model.count(clock.now());
        }
      }
    }),
  );
});

test("of events that come fast at most 63 are counted late, and none is lost", () => {
  const burst = fc.record({ after: gap(0), size: fc.integer({ min: 1, max: 300 }) });
  fc.assert(
    fc.property(fc.array(burst, { maxLength: 20, size: "max" }), (bursts) => {
      const clock = virtualClock(1000);
      const rate = new Counter(clock);
      const model = new Model(clock.now());
      for (const { after, size } of bursts) {
        for (let i = 0; i < size; i++) {
          rate.count();
          model.count(clock.now());
        }
        clock.stall(after);
        const { recent, overall, covered } = model.throughput(clock.now());
        const measured = rate.throughput();
        expect(measured.overall).toBeCloseTo(overall, 6);
        expect(Math.abs(measured.recent - recent)).toBeLessThanOrEqual((63 * 1000) / Math.max(covered, 1) + 1e-6);
      }
    }),
  );
});

test("after a rest as long as the window nothing is recent", () => {
  const clock = virtualClock(1000);
  const rate = new Counter(clock);
  for (let n = 0; n < 1000; n++) rate.count();
  clock.stall(WINDOW);
  expect(rate.throughput()).toEqual({ recent: 0, overall: 1000 / (WINDOW / 1000) });
});
