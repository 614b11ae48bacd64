import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { checkBatch, checkWait, type WaitOptions } from "../../src/time/wait-options.js";

const refusal = (code: string, argument?: string) =>
  expect.objectContaining({ code, ...(argument !== undefined && { details: expect.objectContaining({ argument }) }) });

describe("a wait", () => {
  test.each<WaitOptions>([
    {},
    { timeout: undefined, signal: undefined },
    { timeout: 0 },
    { timeout: 0.5 },
    { timeout: 2 ** 40 },
    { timeout: Number.POSITIVE_INFINITY },
    { signal: new AbortController().signal },
  ])("may be %o", (wait) => {
    expect(() => checkWait(wait, "receive")).not.toThrow();
  });

  test.each([-1, -0.1, Number.NEGATIVE_INFINITY, Number.NaN, "5", null, {}])(
    "cannot have the time-out %o",
    (timeout) => {
      expect(() => checkWait({ timeout: timeout as number }, "receive")).toThrow(
        refusal("INVALID_ARGUMENT", "timeout"),
      );
    },
  );

  test.each([null, {}, "abort", new AbortController()])("cannot have the signal %o", (signal) => {
    const wait = { signal: signal as AbortSignal };
    expect(() => checkWait(wait, "receive")).toThrow(refusal("INVALID_ARGUMENT", "signal"));
  });

  test("cannot begin with a signal that has aborted", () => {
    const signal = AbortSignal.abort(new errors.TERMINATED({ operation: "all" }));
    expect(() => checkWait({ signal }, "receive", "k")).toThrow(
      expect.objectContaining({ code: "ABORTED", kernelId: "k", cause: signal.reason }),
    );
  });
});

describe("a batch", () => {
  test.each([{ max: 1 }, { max: 10, linger: 0 }, { max: 10, linger: 5.5 }])("may be %o", (batch) => {
    expect(() => checkBatch(batch)).not.toThrow();
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3", undefined])("cannot hold %o messages", (max) => {
    expect(() => checkBatch({ max: max as number })).toThrow(refusal("INVALID_ARGUMENT", "max"));
  });

  test.each([-1, Number.NaN, "3", null])("cannot linger for %o", (linger) => {
    expect(() => checkBatch({ max: 1, linger: linger as number })).toThrow(refusal("INVALID_ARGUMENT", "linger"));
  });
});

describe("the options of a call", () => {
  test.each([
    ["send", { drain: true }],
    ["send", { linger: 1 }],
    ["receive", { ending: {} }],
    ["receive", { max: 1 }],
    ["request", { timout: 1 }],
    ["connect", { drain: true }],
    ["terminate", { to: "k" }],
    ["replay", { max: 1 }],
    ["process", { timeout: 1 }],
    ["launch", { maxInFlight: 1 }],
  ])("%s are not those of another one", (operation, options) => {
    const [argument] = Object.keys(options);
    expect(() => checkWait(options as WaitOptions, operation, "k")).toThrow(refusal("INVALID_ARGUMENT", argument));
  });
});
