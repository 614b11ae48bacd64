import { describe, expect, test } from "vitest";
import { checkOptions } from "../../src/errors/check-options.js";

const check = (options: unknown, path?: string) => () =>
  checkOptions(options, ["timeout", "signal", "drain"], "`terminate`", {
    kernelId: "k",
    ...(path !== undefined && { path }),
  });
const refusal = (argument: string, remedy: RegExp) =>
  expect.objectContaining({
    code: "INVALID_ARGUMENT",
    kernelId: "k",
    remedy: expect.stringMatching(remedy),
    details: expect.objectContaining({ argument }),
  });

describe("options", () => {
  test("that are known pass", () => {
    expect(check({ timeout: 1, drain: undefined })).not.toThrow();
    expect(check({})).not.toThrow();
    expect(check({ [Symbol("own")]: 1 })).not.toThrow();
  });

  test.each([
    ["timout", "timeout"],
    ["timeOut", "timeout"],
    ["drian", "drain"],
    ["signals", "signal"],
  ])("that are misspelt are refused, with what was meant: %s", (option, meant) => {
    expect(check({ [option]: 1 })).toThrow(refusal(option, new RegExp(`Did you mean \`${meant}\``)));
  });

  test.each([
    ["concurrency", ["workers"], "workers"],
    ["mode", ["by"], "by"],
    ["by", ["mode"], "mode"],
    ["size", ["queueSize"], "queueSize"],
  ])("that have another name here are refused, with what was meant: %s", (option, known, meant) => {
    const call = () => checkOptions({ [option]: 1 }, known, "a stage", { kernelId: "k" });
    expect(call).toThrow(refusal(option, new RegExp(`Did you mean \`${meant}\``)));
  });

  test.each(["linger", "x", "constructor", ""])(
    "that are far from all others are refused with the list: %s",
    (option) => {
      const list = /^There is no such option\. Options of `terminate` are `timeout`, `signal` and `drain`\.$/;
      expect(check({ [option]: 1 })).toThrow(refusal(option, list));
    },
  );

  test.each([null, 1, "timeout", undefined])("are an object, not %o", (options) => {
    expect(check(options)).toThrow(refusal("options", /^Options of/));
  });

  test("are named by their path", () => {
    expect(check({ drian: 1 }, "end.")).toThrow(refusal("end.drian", /drain/));
    expect(check(null, "end.")).toThrow(refusal("end", /drain/));
  });
});
