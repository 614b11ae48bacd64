import { body, defineMessage } from "@ringline/core";
import { expect, test } from "vitest";
import { readMessage, writeMessage } from "../src/watch/message-json.js";

const Any = defineMessage("Any", body<{ readonly value: unknown }>());

test.each([
  ["text", "<b>"],
  ["numbers", [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]],
  ["a bigint", 2n ** 70n],
  ["a date", new Date(0)],
  ["maps and sets", new Map([["a", new Set([1, 2])]])],
  ["bytes", Uint8Array.of(1, 2, 3)],
  ["floats", Float64Array.of(0.1, Number.NaN)],
  ["nothing", undefined],
  ["a field of Object", { constructor: 1, toString: 2 }],
])("%s can be read back", (_, value) => {
  const { text, isWhole } = writeMessage(Any({ value }), 10_000);
  expect(isWhole).toBe(true);
  expect(readMessage(text)).toEqual({ type: "Any", value });
});

test("what is too long is cut, and says so", () => {
  for (const value of ["x".repeat(100_000), Array(100_000).fill(1), new Float64Array(1e6)]) {
    const { text, isWhole } = writeMessage(Any({ value }), 1000);
    expect(isWhole).toBe(false);
    expect(text.length).toBeLessThan(3000);
  }
});

test.each(["", "1", "null", "[]", '{"n":1}', '{"type":1}'])("%s is no message", (text) => {
  expect(() => readMessage(text)).toThrow();
});
