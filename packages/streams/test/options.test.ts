import { body, defineMessage, isRinglineError } from "@ringline/core";
import { defineWindowKernel, session, sliding, tumbling } from "@ringline/streams";
import { expect, test } from "vitest";

const In = defineMessage("In", body<{ at: number }>());
const Out = defineMessage("Out", body<{ count: number }>());
const right = {
  id: "windows",
  input: In,
  output: Out,
  window: tumbling(10),
  time: "at",
  initial: () => 0,
  add: (count: number) => count + 1,
  result: (count: number) => Out({ count }),
} as const;

test.each([
  ["size", () => tumbling(0)],
  ["every", () => sliding(10, { every: 11 })],
  ["gap", () => session(Number.NaN)],
  ["window", () => defineWindowKernel({ ...right, window: {} as never })],
  ["merge", () => defineWindowKernel({ ...right, window: session(5) })],
  ["time", () => defineWindowKernel({ ...right, time: 5 as never })],
  ["outOfOrder", () => defineWindowKernel({ ...right, outOfOrder: -1 })],
  ["early", () => defineWindowKernel({ ...right, early: 0.5 })],
  ["late", () => defineWindowKernel({ ...right, late: "drop" as never })],
  ["result", () => defineWindowKernel({ ...right, result: undefined as never })],
])("%s is checked", (argument, define) => {
  let thrown: unknown;
  try {
    define();
  } catch (error) {
    thrown = error;
  }
  expect(isRinglineError(thrown, "INVALID_ARGUMENT") && thrown.details.argument).toBe(argument);
});
