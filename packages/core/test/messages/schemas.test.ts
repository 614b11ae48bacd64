import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineMessage, isRinglineError } from "../../src/index.js";
import { codeOf, quiet } from "../support/settling.js";

const types = {
  zod: defineMessage("Result", z.object({ result: z.number(), unit: z.string().default("1") })),
  valibot: defineMessage("Result", v.object({ result: v.number(), unit: v.optional(v.string(), "1") })),
  arktype: defineMessage("Result", type({ result: "number", unit: "string = '1'" })),
};

describe.each(Object.entries(types))("a body by a schema of %s", (_, Result) => {
  test("is what the schema makes of it", () => {
    expect(Result({ result: 0.5 })).toMatchObject({ type: "Result", result: 0.5, unit: "1" });
    expect(Result({ result: 1, unit: "ms" }).unit).toBe("ms");
  });

  test("that fails is an error with all that is wrong and where", async () => {
    const wrong = { result: "0.5", unit: 3 } as never;
    expect(await codeOf(() => Result(wrong))).toBe("INVALID_MESSAGE");
    expect(issuesOf(() => Result(wrong))).toEqual(["result", "unit"]);
  });

  test("is checked in foreign data, too", async () => {
    expect(Result.is({ type: "Result", result: "x" })).toBe(false);
    expect(await codeOf(() => Result.parse({ result: "x" }))).toBe("INVALID_MESSAGE");
    expect(Result.parse({ result: 1 }).unit).toBe("1");
  });
});

describe("an asynchronous schema", () => {
  test("is refused where it is defined, when it is seen there", async () => {
    const slow = v.pipeAsync(
      v.object({ n: v.number() }),
      v.checkAsync(async () => true),
    );
    expect(await codeOf(() => defineMessage("Slow", slow))).toBe("INVALID_ARGUMENT");
  });

  test("is refused at the first message, when it looks like any other until then", async () => {
    const Slow = defineMessage(
      "Slow",
      z.object({ n: z.number() }).refine(async (value) => value.n > 0),
    );
    expect(await codeOf(() => Slow({ n: 1 }))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(() => Slow.parse({ n: 1 }))).toBe("INVALID_ARGUMENT");
  });

  test("that rejects leaves no rejection unhandled", async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", listener);
    const fails = () => Promise.reject(new Error("late"));
    expect(await codeOf(() => defineMessage("Slow", schemaOf(fails)))).toBe("INVALID_ARGUMENT");
    const Late = defineMessage(
      "Late",
      schemaOf((value) => (value === undefined ? { issues: [] } : fails())),
    );
    expect(await codeOf(() => Late({ n: 1 }))).toBe("INVALID_ARGUMENT");
    await quiet();
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });
});

test("a schema is asynchronous when it gives anything that can be awaited", async () => {
  // biome-ignore lint/suspicious/noThenProperty: something of another realm that can be awaited
  const thenable = () => ({ then: () => {} });
  expect(await codeOf(() => defineMessage("Slow", schemaOf(thenable)))).toBe("INVALID_ARGUMENT");
});

test("a schema may throw when it is tried out without a value", () => {
  const Picky = defineMessage(
    "Picky",
    schemaOf((value) => ({ value: { n: (value as { n: number }).n + 1 } })),
  );
  expect(Picky({ n: 1 }).n).toBe(2);
});

/** A Standard Schema written by hand. */
function schemaOf(validate: (value: unknown) => unknown) {
  const standard = { version: 1, vendor: "test", validate } as const;
  return { "~standard": standard } as never as z.ZodObject<{ n: z.ZodNumber }>;
}

/** The paths of what is wrong. */
function issuesOf(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    if (isRinglineError(error, "INVALID_MESSAGE")) {
      // whatever the validator puts into its issues, what is kept travels
      expect(() => structuredClone(error.details)).not.toThrow();
      return error.details.issues.map(({ message, path }) => {
        expect(message).not.toBe("");
        return path?.join(".") ?? "";
      });
    }
  }
  return [];
}
