import { describe, expect, it } from "vitest";
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

  it.each([
    [{ a: [1, new Money()] }, "a.1"],
    [new Money(), ""],
    [{ list: new Set([new Money()]) }, "list.0"],
    [{ steps: [{ run: () => {} }] }, "steps.0.run"],
  ])("refuses what would not arrive as it is: %o", (value, path) => {
    expect(() => cloned(value)).toThrow(expect.objectContaining({ code: "SERIALIZATION", details: { path } }));
  });
});
