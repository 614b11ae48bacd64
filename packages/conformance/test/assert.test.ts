import { errors } from "@ringline/core";
import { describe, expect, test } from "vitest";
import { deepEqual, equal, rejects, show, staysPending, throwsNow, until, within } from "../src/assert.js";

const failed = { code: "CASE_FAILED" };
const overdue = { code: "CASE_OVERDUE" };
const timedOut = () => new errors.TIMEOUT({ operation: "receive", timeout: 1 });

describe("equal and deepEqual", () => {
  test.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    [new Map([["a", { b: 1 }]]), new Map([["a", { b: 1 }]])],
    [new Set([1]), new Set([1])],
    [new Float32Array([1, 2]), new Float32Array([1, 2])],
    [new Date(5), new Date(5)],
    [{ a: undefined }, { a: undefined }],
  ])("%j is %j", (a, b) => deepEqual<unknown>(a, b));

  test.each([
    [0, -0],
    [1, "1"],
    [[1], { 0: 1 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: undefined }, { b: undefined }],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Set([1]), [1]],
    [new Date(5), new Date(6)],
    [null, {}],
  ])("%j is not %j", (a, b) => {
    expect(() => deepEqual<unknown>(a, b)).toThrow(expect.objectContaining(failed));
  });

  test("equal compares values, not structures", () => {
    equal("a", "a");
    expect(() => equal<unknown>({}, {})).toThrow(expect.objectContaining(failed));
  });
});

describe("rejects and throwsNow", () => {
  test("give the error with its details", async () => {
    expect((await rejects(Promise.reject(timedOut()), "TIMEOUT")).details.timeout).toBe(1);
    const thrower = () => {
      throw timedOut();
    };
    expect(throwsNow(thrower, "TIMEOUT").details.operation).toBe("receive");
  });

  test("fail for another code, for what is no error of Ringline, and for success", async () => {
    await expect(rejects(Promise.reject(timedOut()), "ABORTED")).rejects.toMatchObject(failed);
    await expect(rejects(Promise.reject(new Error("x")), "ABORTED")).rejects.toMatchObject(failed);
    await expect(rejects(Promise.resolve(1), "ABORTED")).rejects.toMatchObject(failed);
    expect(() => throwsNow(() => 1, "ABORTED")).toThrow(expect.objectContaining(failed));
  });
});

describe("waits", () => {
  test("within ends a wait that takes too long", async () => {
    await expect(within(5, new Promise(() => {}))).rejects.toMatchObject(overdue);
    expect(await within(1000, Promise.resolve(3))).toBe(3);
  });

  test("until gives what it saw, or fails", async () => {
    let looks = 0;
    expect(await until("the third look", () => ++looks === 3 && "seen")).toBe("seen");
    await expect(until("never", () => false, 10)).rejects.toMatchObject(overdue);
  });

  test("staysPending fails for what is settled, either way", async () => {
    await staysPending(new Promise(() => {}), "for ever", 5);
    await expect(staysPending(Promise.resolve(1), "resolved", 5)).rejects.toMatchObject(failed);
    await expect(staysPending(Promise.reject(new Error("x")), "rejected", 5)).rejects.toMatchObject(failed);
  });
});

test("show fits any value into a line", () => {
  expect(show(new Error("broken"))).toBe("Error (broken)");
  expect(show(timedOut())).toMatch(/^TIMEOUT /);
  expect(show(2n)).toBe("2");
  expect(show("x".repeat(1000)).length).toBeLessThan(310);
  const ring: { self?: unknown } = {};
  ring.self = ring;
  expect(show(ring)).toBe("[object Object]");
});
