import { afterEach, describe, expect, test, vi } from "vitest";
import { asRinglineError, errors, isRinglineError, placed } from "../../src/errors/ringline-error.js";

const place = { kernelId: "k", stage: "s", messageId: "m" };

describe("an error", () => {
  test("has code, details, remedy and place", () => {
    const error = new errors.TIMEOUT({ operation: "receive", timeout: 5 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(errors.TIMEOUT);
    expect(error).not.toBeInstanceOf(errors.ABORTED);
    expect(error).toMatchObject({
      code: "TIMEOUT",
      name: "RinglineError [TIMEOUT]",
      details: { operation: "receive", timeout: 5 },
      kernelId: null,
      stage: null,
      messageId: null,
    });
    expect(error.remedy).not.toBe("");
    expect("cause" in error).toBe(false);
  });

  test("takes a cause, a place and a better remedy", () => {
    const cause = new Error("below");
    const error = new errors.KERNEL_FAILED({ restarts: 1 }, { cause, ...place, remedy: "Mend it." });
    expect(error).toMatchObject({ cause, ...place, remedy: "Mend it." });
    expect(new errors.KERNEL_FAILED({ restarts: 1 }, { cause: undefined })).toHaveProperty("cause", undefined);
  });

  test("as JSON has all but the cause", () => {
    const error = new errors.QUEUE_FULL({ queueSize: 4 }, { ...place, cause: new Error("below") });
    const { name, message, remedy } = error;
    const json = { name, code: "QUEUE_FULL", message, details: { queueSize: 4 }, remedy, ...place };
    expect(JSON.parse(JSON.stringify(error))).toEqual(json);
  });
});

test.each([1n, Symbol("x"), () => {}, undefined, Object.assign([], { 0: 1n })])("JSON says %o in words", (value) => {
  const json = JSON.parse(JSON.stringify(new errors.INVALID_ARGUMENT({ argument: "a", value })));
  expect(json.details).toEqual({ argument: "a", value: expect.any(String) });
});

test("JSON says what refers to itself in words", () => {
  const value: { self?: unknown } = {};
  value.self = value;
  expect(() => JSON.stringify(new errors.INVALID_ARGUMENT({ argument: "a", value }))).not.toThrow();
});

describe("isRinglineError", () => {
  afterEach(() => vi.resetModules());
  const error: unknown = new errors.TIMEOUT({ operation: "receive", timeout: 5 });

  test("knows the codes that it is asked for", () => {
    expect(isRinglineError(error)).toBe(true);
    expect(isRinglineError(error, "TIMEOUT")).toBe(true);
    expect(isRinglineError(error, "ABORTED", "TIMEOUT")).toBe(true);
    expect(isRinglineError(error, "ABORTED")).toBe(false);
  });

  test.each([null, undefined, "TIMEOUT", new Error("x"), { code: "TIMEOUT" }, () => {}])("is false for %o", (value) => {
    expect(isRinglineError(value)).toBe(false);
  });

  test("knows the errors of another copy of this package", async () => {
    vi.resetModules();
    const other = await import("../../src/errors/ringline-error.js");
    const foreign = new other.errors.TIMEOUT({ operation: "receive", timeout: 5 });
    expect(foreign).not.toBeInstanceOf(errors.TIMEOUT);
    expect(isRinglineError(foreign, "TIMEOUT")).toBe(true);
  });
});

describe("placed", () => {
  test("adds the parts of the place that are missing, and nothing else", () => {
    const cause = new Error("below");
    const error = new errors.KERNEL_FAILED({ restarts: 1 }, { kernelId: "own", cause, remedy: "Mend it." });
    const copy = placed(error, place);
    expect(copy).toMatchObject({ code: "KERNEL_FAILED", details: { restarts: 1 }, cause, remedy: "Mend it." });
    expect(copy).toMatchObject({ kernelId: "own", stage: "s", messageId: "m" });
    expect(copy.stack).toBe(error.stack);
    expect(error.stage).toBeNull();
  });

  test("gives an error back that has all of it", () => {
    const error = new errors.TERMINATED({ operation: "send" }, place);
    expect(placed(error, { kernelId: "other", stage: "other" })).toBe(error);
    const other = new errors.TERMINATED({ operation: "send" });
    expect(placed(other, { kernelId: undefined, stage: null })).toBe(other);
  });
});

describe("what a kernel threw", () => {
  test("keeps its code where it is an error of Ringline", () => {
    const thrown = new errors.TIMEOUT({ operation: "receive", timeout: 5 }, { kernelId: "peer" });
    expect(asRinglineError(thrown, place)).toMatchObject({ code: "TIMEOUT", kernelId: "peer", messageId: "m" });
  });

  test.each([new Error("x"), "text", undefined, null])("%o becomes the cause of KERNEL_FAILED", (thrown) => {
    const error = asRinglineError(thrown, place);
    expect(error).toMatchObject({ code: "KERNEL_FAILED", ...place });
    expect(error.cause).toBe(thrown);
  });
});
