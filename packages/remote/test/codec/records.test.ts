import { packRecords, packValue, unpackRecords } from "@ringline/remote";
import fc from "fast-check";
import { expect, test } from "vitest";

const id = fc.uuid();
const item = fc.letrec((tie) => ({
  item: fc.oneof(
    { depthSize: "small" },
    ...[fc.string({ unit: "binary" }), id, fc.constantFrom("accepted", "done", "edge"), fc.integer(), fc.double()],
    ...[fc.boolean(), fc.constantFrom(null, undefined), fc.uint8Array(), tie("list")],
  ),
  list: fc.array(tie("item")),
})).item;
const records = fc.array(fc.array(item));

test("records come again equal, whatever is in them", () => {
  fc.assert(
    fc.property(records, (all) => {
      expect(unpackRecords(packRecords(all))).toEqual(all);
    }),
  );
});

test("records that an earlier release wrote are read", () => {
  const all = [
    ["accepted", 1, "edge", "id", [undefined, null, new Uint8Array([1])]],
    ["done", 1],
  ];
  expect(unpackRecords(packValue(all))).toEqual(all);
  expect(() => unpackRecords(packValue("text"))).toThrow("no records");
});

test("bytes that were changed are refused, or are records", () => {
  const bytes = fc.record({ all: records, at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
  fc.assert(
    fc.property(bytes, ({ all, at, byte, cut }) => {
      const packed = packRecords(all).slice();
      const place = at % packed.length;
      if (!cut) packed[place] = byte;
      try {
        expect(Array.isArray(unpackRecords(cut ? packed.slice(0, place) : packed))).toBe(true);
      } catch (error) {
        expect((error as Error).constructor.name).toBe("CorruptFrame");
      }
    }),
    { numRuns: 1000 },
  );
});

test("other values are refused", () => {
  expect(() => packRecords([[new Date()]])).toThrow(TypeError);
  expect(unpackRecords(packRecords([["next"]]))).toEqual([["next"]]);
});
