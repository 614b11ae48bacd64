import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { Hand } from "../../src/ports/hand.js";
import { numbered, numberOf } from "../support/messages.js";

vi.setConfig({ testTimeout: 120_000 }); // much work: on a busy machine it takes its time

test("holds messages, also the same one several times, until each is given back", () => {
  const messages = [0, 1, 2, 3].map((n) => numbered(n));
  const step = fc.record({ adds: fc.boolean(), which: fc.nat({ max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const hand = new Hand();
      const model: number[] = [];
      for (const { adds, which } of steps) {
        const message = messages[which]!;
        if (adds) {
          hand.add(message);
          model.push(which);
        } else {
          const index = model.indexOf(which);
          expect(hand.delete(message)).toBe(index >= 0);
          if (index >= 0) model.splice(index, 1);
        }
        expect(hand.size).toBe(model.length);
        expect(hand.all().map(numberOf).sort()).toEqual([...model].sort());
      }
    }),
  );
});
