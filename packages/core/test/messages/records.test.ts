import { describe, expect, test } from "vitest";
import { z } from "zod";
import { body, defineKernel, defineMessage } from "../../src/index.js";

const code = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
// biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
const Any: any = defineMessage("Any", body<object>());

describe("a body is a record of fields", () => {
  class Methods {
    n = 1;
    double() {
      return this.n * 2;
    }
  }
  class Accessor {
    get n() {
      return 1;
    }
  }
  class Fields {
    n = 1;
  }
  class More extends Methods {}

  test.each([
    ["a list", [1]],
    ["a Map", new Map([["n", 1]])],
    ["a Set", new Set([1])],
    ["a Date", new Date()],
    ["a typed array", new Float32Array(2)],
    ["a buffer", new ArrayBuffer(2)],
    ["an error", new Error("n")],
    ["a pattern", /n/],
    ["a promise", Promise.resolve()],
    ["a function", () => {}],
    ["a text", "n"],
    ["null", null],
    ["an instance with methods", new Methods()],
    ["one whose methods are inherited", new More()],
    ["one with accessors", new Accessor()],
  ])("%s is refused", (_, value) => {
    expect(code(() => Any(value))).toBe("INVALID_MESSAGE");
  });

  test.each([
    ["a plain object", { n: 1 }],
    ["one without prototype", Object.assign(Object.create(null), { n: 1 })],
    ["an instance that has fields alone", new Fields()],
    ["another message", Any({ n: 1 })],
  ])("%s is taken", (_, value) => {
    expect(Any(value).n).toBe(1);
  });

  test("so is what a schema makes", () => {
    const Made = defineMessage(
      "Made",
      z.object({ n: z.number() }).transform(({ n }) => new Map([["n", n]]) as never),
    );
    expect(code(() => Made({ n: 1 }))).toBe("INVALID_MESSAGE");
  });
});

test("a spread of a message is no message, and its type makes one of it", () => {
  const message = Any({ n: 1 }, { priority: 7 });
  expect(Any.is({ ...message })).toBe(false);
  expect(Any({ ...message, n: 2 })).toMatchObject({ n: 2, priority: 128 });
});

test("a message without a body takes no fields", () => {
  const Empty = defineMessage("Empty");
  const make = Empty as unknown as (body: object) => unknown;
  expect(code(() => make({ priority: 5 }))).toBe("INVALID_MESSAGE");
  expect(code(() => make({ foo: 1 }))).toBe("INVALID_MESSAGE");
  expect(code(() => Empty.parse({ foo: 1 }))).toBe("INVALID_MESSAGE");
  expect(Empty({}, { priority: 5 }).priority).toBe(5);
});

describe("`is`", () => {
  const Rounded = defineMessage("Rounded", z.object({ n: z.number().transform(Math.round), at: z.date().optional() }));
  const look = () => JSON.parse(JSON.stringify(Rounded({ n: 2 })));

  test("is true for a look-alike that equals what `parse` makes of it", () => {
    expect(Rounded.is(look())).toBe(true);
    expect(Rounded.is({ ...look(), at: new Date(5) })).toBe(true);
  });

  test.each([
    ["a field that parsing changes", { n: 2.5 }],
    ["a field that parsing drops", { more: 1 }],
    ["a field that is wrong", { n: "2" }],
    ["no priority", { priority: undefined }],
    ["a priority that is none", { priority: 300 }],
    ["no type", { type: undefined }],
    ["another type", { type: "Other" }],
    ["no correlation id", { correlationId: undefined }],
    ["an id that is none", { messageId: "1" }],
  ])("is false for one with %s", (_, change) => {
    expect(Rounded.is({ ...look(), ...change })).toBe(false);
  });
});

test("a type is called what its messages are", () => {
  expect(Any.name).toBe("Any");
});

test("two types of one name do not meet in a kernel; one type may be there twice", () => {
  const Other = defineMessage("Any", body<{ other: string }>());
  const input = [Any, Other] as never;
  expect(code(() => defineKernel({ id: "k", input, handle() {} } as never))).toBe("INVALID_ARGUMENT");
  expect(defineKernel({ id: "k", input: [Any, Any], handle() {} }).id).toBe("k");
});
