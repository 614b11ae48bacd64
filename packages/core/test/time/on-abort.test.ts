import { expect, test } from "vitest";
import { onAbort, onAbortInTurn } from "../../src/time/on-abort.js";
import { CountingSignal } from "../support/counting-signal.js";

test("all who wait on one signal share one listener, which leaves with the last of them", () => {
  const signal = new CountingSignal();
  const heard: string[] = [];
  const [first, second] = ["first", "second"].map((name) => onAbort(signal.signal, () => heard.push(name)));
  expect(signal.listeners).toBe(1);
  first?.();
  expect(signal.listeners).toBe(1);
  second?.();
  expect(signal.listeners).toBe(0);
  const third = onAbort(signal.signal, () => heard.push("third"));
  expect(signal.listeners).toBe(1);
  signal.abort();
  expect(heard).toEqual(["third"]);
  third();
  expect(signal.listeners).toBe(0);
});

test("an abort is heard once by each, in order, also by one who leaves another meanwhile", () => {
  const signal = new CountingSignal();
  const heard: string[] = [];
  const leave: (() => void)[] = [];
  for (const name of ["a", "b", "c"]) {
    const stop = onAbort(signal.signal, () => {
      heard.push(name);
      stop();
      if (name === "a") leave[1]?.();
    });
    leave.push(stop);
  }
  signal.abort();
  expect(heard).toEqual(["a", "c"]);
  expect(signal.listeners).toBe(0);
});

test("callbacks in turn: the first at once, none that has left; those who leave in time leave no listener", async () => {
  const signal = new CountingSignal();
  const heard: string[] = [];
  onAbortInTurn(signal.signal, () => heard.push("left"))();
  expect(signal.listeners).toBe(0);
  const [, leave] = ["a", "b", "c"].map((name) => onAbortInTurn(signal.signal, () => heard.push(name)));
  expect(signal.listeners).toBe(1);
  signal.abort();
  expect(heard).toEqual(["a"]);
  leave?.();
  while (heard.length < 2) await new Promise(setImmediate);
  expect(heard).toEqual(["a", "c"]);
  onAbortInTurn(signal.signal, () => heard.push("late"));
  expect(heard).toEqual(["a", "c", "late"]);
});
