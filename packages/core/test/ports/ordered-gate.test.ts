import { expect, test } from "vitest";
import { OrderedGate } from "../../src/ports/ordered-gate.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";

test("lets one in at a time, first come, first served, also those that only pass", async () => {
  const gate = new OrderedGate(virtualClock(0), "k");
  const seen: string[] = [];
  expect(gate.tryEnter()).toBe(true);
  const first = gate.enter().then(() => seen.push("first"));
  const second = gate.pass().then(() => seen.push("second"));
  const third = gate.enter().then(() => seen.push("third"));
  expect([gate.tryEnter(), gate.waiting]).toEqual([false, 3]);
  gate.leave();
  await first;
  expect(gate.tryEnter()).toBe(false); // it went from one to the next
  gate.leave();
  await Promise.all([second, third]);
  gate.leave();
  expect([seen, gate.isTaken, gate.waiting]).toEqual([["first", "second", "third"], false, 0]);
});

test("a wait that ends leaves the others in their order", async () => {
  const clock = virtualClock(0);
  const gate = new OrderedGate(clock, "k");
  await gate.enter();
  const stop = new AbortController();
  const late = expect(gate.enter({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
  const aborted = gate.enter({ signal: stop.signal });
  const patient = gate.enter({ timeout: 10 });
  stop.abort();
  await expect(aborted).rejects.toMatchObject({ code: "ABORTED", kernelId: "k" });
  await clock.advance(5);
  await late;
  await expect(gate.enter({ timeout: -1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  gate.leave();
  await patient;
  expect(gate.isTaken).toBe(true);
});
