import fc from "fast-check";
import { validate, version } from "uuid";
import { describe, expect, test, vi } from "vitest";
import { asUuid, DerivedId, fnv1a, uuidOf } from "../../src/messages/message-id.js";

describe("the hash", () => {
  // published test vectors
  test.each([
    ["", "6c62272e07bb014262b821756295c58d"],
    ["a", "d228cb696f1a8caf78912b704e4a8964"],
    ["foobar", "343e1662793c64bf6f0d3597ba446f18"],
  ])("of %j is FNV-1a", (text, hash) => {
    expect(
      fnv1a(text)
        .map((word) => word.toString(16).padStart(8, "0"))
        .join(""),
    ).toBe(hash);
  });
});

describe("a derived id", () => {
  test("is a UUID of version 8, the hash but for six bits", () => {
    expect(uuidOf("a")).toBe("d228cb69-6f1a-8caf-b891-2b704e4a8964");
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = uuidOf(text);
        expect([validate(id), version(id), asUuid(id)]).toEqual([true, 8, id]);
      }),
    );
  });

  test("differs where input, kernel or place among the outputs do, and is the same where none does", () => {
    const ids = new Set<string>();
    const inputs = ["018f5a3e-7c1b-4d2e-9f3a-0123456789ab", "018f5a3e-7c1b-4d2e-9f3a-0123456789ac"];
    for (const input of inputs) {
      for (const kernel of ["a", "b", "a/b"]) {
        for (let index = 0; index < 1000; index++) ids.add(new DerivedId(() => input, kernel, index).text);
      }
    }
    expect(ids.size).toBe(6000);
    expect(ids.has(new DerivedId(() => inputs[1]!, "b", 999).text)).toBe(true);
  });

  test("costs nothing until it is read, and then once", () => {
    const input = vi.fn(() => "x");
    const id = new DerivedId(input, "k", 0);
    expect(input).not.toHaveBeenCalled();
    expect(id.text).toBe(id.text);
    expect(input).toHaveBeenCalledOnce();
  });
});
