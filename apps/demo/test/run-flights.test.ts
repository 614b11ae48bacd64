import { describe, expect, test } from "vitest";
import { backends, oneThread } from "../src/backends.js";
import { flightRows } from "../src/flights/flight-rows.js";
import { type FlightsRun, runFlights, type Sample } from "../src/flights/run-flights.js";
import { selfCheck } from "../src/flights/self-check.js";
import { loadedKernels, replaceBody } from "./with-kernels.js";

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

const passes = (run: FlightsRun) => selfCheck(run).every(({ ok }) => ok);

describe.each(oneThread)("on %s", (name) => {
  const backend = backends[name]!();

  test("flights are added up by hour and by distance", async () => {
    const run = await runFlights({
      backend,
      rows: each([
        { delay: 10, distance: 100, time: 7.5 },
        { delay: -4, distance: 249, time: 7 },
        { delay: 30, distance: 250, time: 23.99 },
      ]),
    });
    expect(run.summary).toEqual({
      flights: 3,
      byHour: [
        { label: "07:00", flights: 2, delay: 6 },
        { label: "23:00", flights: 1, delay: 30 },
      ],
      byBand: [
        { label: "0–249 mi", flights: 2, delay: 6 },
        { label: "250–499 mi", flights: 1, delay: 30 },
      ],
      worst: null,
      best: null,
    });
    expect(passes(run)).toBe(true);
  });

  test("real rows give what a plain loop gives, the worst and the best too", async () => {
    const run = await runFlights({ backend, rows: flightRows(3000, 0) });
    expect(run.summary).toEqual(run.plain.summary());
    expect(run.summary.flights).toBe(3000);
    expect(run.summary.worst).toMatchObject({ label: "01:00, 1500–1999 mi" });
    expect(run.summary.best?.label).toMatch(/^05:00/);
    expect(passes(run)).toBe(true);
  });

  test("damaged rows become dead letters, each with its reason", async () => {
    const run = await runFlights({ backend, rows: flightRows(1000, 10) });
    expect(run.rows).toBe(1000);
    expect(run.summary.flights).toBe(990);
    expect(run.rejections.count).toBe(10);
    expect(run.rejections.list.map(({ count }) => count)).toEqual([2, 2, 2, 2, 2]);
    for (const { code, kernelId } of run.rejections.list)
      expect([code, kernelId]).toEqual(["INVALID_MESSAGE", "clean"]);
    const reasons = run.rejections.list.map(({ message }) => message);
    for (const [i, field] of ["delay", "distance", "time", "distance", "record"].entries()) {
      expect(reasons[i]).toContain(field);
    }
    expect(run.telemetry.get("clean")).toMatchObject({ received: 1001, processed: 991, deadLettered: 10 });
    expect(passes(run)).toBe(true);
  });
});

const backend = backends["in-process"]!();

test("its kernels run where they are loaded by their module", async () => {
  const run = await runFlights({ backend: loadedKernels(), rows: flightRows(100, 1) });
  expect(run.summary.flights).toBe(99);
  expect(passes(run)).toBe(true);
});

test("no rows give an empty result", async () => {
  const run = await runFlights({ backend, rows: each([]) });
  expect(run.summary).toEqual({ flights: 0, byHour: [], byBand: [], worst: null, best: null });
  expect(passes(run)).toBe(true);
});

test("stopped, it finishes what was read", async () => {
  const stop = new AbortController();
  let isClosed = false;
  async function* rows() {
    try {
      for (let read = 1; ; read++) {
        if (read > 500) stop.abort();
        yield { delay: 1, distance: 100, time: 12 };
      }
    } finally {
      isClosed = true;
    }
  }
  const run = await runFlights({ backend, rows: rows(), stop: stop.signal });
  expect(run.summary).toMatchObject({ flights: 500, worst: { label: "12:00, 0–249 mi", delay: 500 } });
  expect(isClosed).toBe(true);
  expect(passes(run)).toBe(true);
});

test("a source that fails ends the run with its error", async () => {
  async function* rows() {
    yield { delay: 1, distance: 100, time: 12 };
    throw new Error("the disk is gone");
  }
  await expect(runFlights({ backend, rows: rows() })).rejects.toThrow("the disk is gone");
});

test.each([
  ["derive", "handle"],
  ["aggregate", "run"],
])("a stage that fails ends the run with its error: %s", async (kernelId, body) => {
  const boom = () => {
    throw new Error("boom");
  };
  const broken = replaceBody(kernelId, () => (body === "run" ? { run: boom } : { handle: boom }));
  const failed = runFlights({ backend: broken, rows: flightRows(100, 0) });
  await expect(failed).rejects.toMatchObject({ code: "KERNEL_FAILED", kernelId, cause: new Error("boom") });
});

test("a last stage that stands still stops the reader, and no row is lost", async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = replaceBody("aggregate", ({ run }) => ({
    run: async (ctx) => {
      await released;
      await run?.(ctx);
    },
  }));
  let look = async (): Promise<Sample> => ({ rows: 0, deadLetters: 0, queued: new Map() });
  const watch = (sample: typeof look) => {
    look = sample;
    return { [Symbol.dispose]() {} };
  };
  const running = runFlights({ backend: slow, rows: flightRows(10_000, 0), watch });

  const full = new Map([...["clean", "derive", "aggregate"].map((id) => [id, 1024] as const), ["report", 0] as const]);
  await expect.poll(async () => (await look()).queued).toEqual(full);
  expect((await look()).rows).toBe(3 * 1024 + 2); // in hand: one in clean, one in derive
  release();
  const run = await running;
  expect(run.rows).toBe(10_000);
  expect(passes(run)).toBe(true);
});
