import { afterEach, expect, test } from "vitest";
import { afterPatience, longestPatience, PATIENCE, patience, setPatience, soon } from "../src/patience.js";

const before = Number(process.env["RINGLINE_PATIENCE"]);
afterEach(() => setPatience(before));

test("time is multiplied as the user says and as the machine needs, up to ten times", () => {
  for (const times of [0.5, 1, 8]) {
    setPatience(times);
    for (const time of [10, PATIENCE]) {
      expect(patience(time)).toBeGreaterThanOrEqual(time * times);
      expect(patience(time)).toBeLessThanOrEqual(longestPatience(time));
      expect(longestPatience(time)).toBe(time * times * 10);
    }
    expect(soon.timeout).toBeGreaterThanOrEqual(PATIENCE * times);
    expect({ ...soon }.timeout).toBeTypeOf("number");
  }
});

test("threads and processes inherit what the user says", () => {
  setPatience(3);
  expect(process.env["RINGLINE_PATIENCE"]).toBe("3");
});

test("afterPatience calls once the time has passed, or not at all where it is cancelled", async () => {
  const cancel = afterPatience(1, () => expect.unreachable());
  cancel();
  const lasted = await new Promise<number>((resolve) => void afterPatience(20, resolve));
  expect(lasted).toBeGreaterThanOrEqual(20 * before - 1);
});
