import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "../../src/ports/queues.js";

test("is a list that is pushed at its end and shifted at its start, with a stamp beside each item", () => {
  const step = fc.oneof({ weight: 3, arbitrary: fc.nat() }, { weight: 2, arbitrary: fc.constant("shift" as const) });
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 16), fc.array(step, { maxLength: 200, size: "max" }), (capacity, steps) => {
      const fifo = new Fifo<string>(capacity);
      const model: { item: string; stamp: number }[] = [];
      for (const stamp of steps) {
        if (stamp !== "shift") {
          fifo.push(`item ${stamp}`, stamp);
          model.push({ item: `item ${stamp}`, stamp });
        } else if (model.length > 0) {
          const first = model.shift();
          expect(fifo.stamp).toBe(first?.stamp);
          expect(fifo.shift()).toBe(first?.item);
        }
        expect(fifo.size).toBe(model.length);
        expect([...fifo]).toEqual(model.map(({ item }) => item));
      }
    }),
  );
});
