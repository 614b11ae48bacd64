import { expect, test } from "vitest";
import { errorPlanOf } from "../../src/kernels/on-error.js";
import { DEFAULT_BACKOFF } from "../../src/kernels/supervision.js";
import { Numbered } from "../support/messages.js";
import { codeOf } from "../support/settling.js";

const backoff = { initial: 1, factor: 3, max: 50, jitter: 0 };

test.each([
  ["dead-letter", { action: "dead-letter" }],
  ["fail", { action: "fail" }],
  ["retry", { action: "retry", retries: 3, backoff: DEFAULT_BACKOFF }],
  [{ retry: 5 }, { action: "retry", retries: 5, backoff: DEFAULT_BACKOFF }],
  [
    { retry: 5, backoff },
    { action: "retry", retries: 5, backoff },
  ],
  [
    { retry: 5, backoff: { initial: 1 } },
    { action: "retry", retries: 5, backoff: { ...DEFAULT_BACKOFF, initial: 1 } },
  ],
])("%o is an action", (action, plan) => {
  expect(errorPlanOf(action)).toEqual(plan);
});

test.each([undefined, null, "ignore", 3, {}, Numbered({ n: 1 }), [Numbered({ n: 1 })]])("%o is none", (action) => {
  expect(errorPlanOf(action)).toBeUndefined();
});

test.each([{ retry: 0 }, { retry: -1 }, { retry: 1.5 }, { retry: 1, backoff: { initial: Number.NaN } }])(
  "%o is out of range",
  async (action) => {
    expect(await codeOf(() => errorPlanOf(action))).toBe("INVALID_ARGUMENT");
  },
);
