import { expect, test } from "vitest";
import { dispatch } from "../../src/time/turn.js";

test("work runs at once", () => {
  let runs = 0;
  dispatch(() => {
    runs++;
  });
  expect(runs).toBe(1);
});

test("what becomes ready through other work runs right after it, in the order in which it did", () => {
  const seen: string[] = [];
  dispatch(() => {
    dispatch(() => {
      dispatch(() => seen.push("third"));
      seen.push("second");
    });
    dispatch(() => seen.push("also second"));
    seen.push("first");
  });
  expect(seen).toEqual(["first", "second", "also second", "third"]);
  dispatch(() => seen.push("later"));
  expect(seen.at(-1)).toBe("later");
});

test("a long chain needs no deep stack", () => {
  let left = 1_000_000;
  const next = () => {
    if (--left > 0) dispatch(next);
  };
  dispatch(next);
  expect(left).toBe(0);
});
