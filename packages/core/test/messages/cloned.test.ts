import { describe, expect, it } from "vitest";
import { body, defineMessage } from "../../src/index.js";
import { cloned } from "../../src/messages/cloned.js";

class Money {
  amount = 1;
}

describe("cloned", () => {
  it("copies data of all kinds", () => {
    const value = { a: [1, { b: new Date(3) }], m: new Map([[1, new Set([2])]]), t: new Float32Array([1]), e: /x/g };
    expect(cloned(value)).toEqual(value);
    const circle: { self?: object } = {};
    circle.self = circle;
    expect(cloned(circle).self).toBeDefined();
    expect(cloned(Object.create(null))).toEqual({});
  });

  it("keeps the body of a message that is a part of the value", () => {
    const note = defineMessage("Note", body<{ text: string }>())({ text: "hi" });
    const state = {
      first: note,
      all: [1, note],
      by: new Map([["a", { note }]]),
      some: new Set([note]),
      other: { a: 1 },
    };
    const own = { text: "hi" };
    expect(cloned<unknown>(state)).toEqual({
      first: own,
      all: [1, own],
      by: new Map([["a", { note: own }]]),
      some: new Set([own]),
      other: { a: 1 },
    });
    expect(cloned<unknown>(note)).toEqual(own);
  });

  it.each([
    [{ a: [1, new Money()] }, "a.1"],
    [new Money(), ""],
    [{ list: new Set([new Money()]) }, "list.0"],
    [{ steps: [{ run: () => {} }] }, "steps.0.run"],
  ])("refuses what would not arrive as it is: %o", (value, path) => {
    expect(() => cloned(value)).toThrow(expect.objectContaining({ code: "SERIALIZATION", details: { path } }));
  });
});
