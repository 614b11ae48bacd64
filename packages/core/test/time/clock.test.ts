import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/time/clock.js";

const LONG = 2 ** 31 + 5000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("calls back once, after its time", () => {
  const callback = vi.fn();
  systemClock.after(100, callback);
  vi.advanceTimersByTime(99);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(callback).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

test("a delay beyond what timers can count to is kept", () => {
  const callback = vi.fn();
  systemClock.after(LONG, callback);
  vi.advanceTimersByTime(LONG - 1);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledOnce();
});

test.each([0, 2 ** 31])("cancelled after %i ms it leaves no timer", (after) => {
  const callback = vi.fn();
  const cancel = systemClock.after(LONG, callback);
  vi.advanceTimersByTime(after);
  expect(vi.getTimerCount()).toBe(1);
  cancel();
  cancel();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(LONG);
  expect(callback).not.toHaveBeenCalled();
});

test("a delay below 0 is none", () => {
  const callback = vi.fn();
  systemClock.after(-5, callback);
  vi.advanceTimersByTime(0);
  expect(callback).toHaveBeenCalledOnce();
});

test("time goes forward", () => {
  const before = systemClock.now();
  vi.advanceTimersByTime(5);
  expect(systemClock.now()).toBeGreaterThanOrEqual(before + 5);
});
