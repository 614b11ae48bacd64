import { beforeAll, expect, test } from "vitest";
import { backends } from "../src/backends.js";
import { flightRows } from "../src/flights/flight-rows.js";
import { type FlightsRun, runFlights } from "../src/flights/run-flights.js";
import { selfCheck } from "../src/flights/self-check.js";

let run: FlightsRun;
beforeAll(async () => {
  run = await runFlights({ backend: backends["in-process"]!(), rows: flightRows(200, 1) });
});

const failed = (changes: Partial<FlightsRun>) => selfCheck({ ...run, ...changes }).map(({ ok }) => !ok);

test("a correct run passes", () => {
  expect(failed({})).toEqual([false, false, false]);
});

test("a row that is nowhere is found", () => {
  expect(failed({ rows: run.rows + 1 })).toEqual([true, false, false]);
});

test("a ledger that does not balance is found", () => {
  const input = run.accounts.get("derive.input")!;
  const lost = new Map(run.accounts).set("derive.input", { ...input, done: input.done - 1 });
  expect(failed({ accounts: lost })).toEqual([false, true, false]);
  const stuck = new Map(run.accounts).set("derive.input", { ...input, done: input.done - 1, queued: 1 });
  expect(failed({ accounts: stuck })).toEqual([false, true, false]);
});

test("a minute too much is found", () => {
  const [first, ...rest] = run.summary.byHour;
  const byHour = [{ ...first!, delay: first!.delay + 1 }, ...rest];
  expect(failed({ summary: { ...run.summary, byHour } })).toEqual([false, false, true]);
});
