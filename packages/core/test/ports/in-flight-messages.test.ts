import fc from "fast-check";
import { expect, test } from "vitest";
import { InFlightMessages } from "../../src/ports/account.js";
import { numbered, numberOf } from "../support/messages.js";

test("holds messages, also the same one several times, until each is given back", () => {
  const messages = [0, 1, 2, 3].map((n) => numbered(n));
  const step = fc.record({ adds: fc.boolean(), which: fc.nat({ max: 3 }), attempts: fc.constantFrom(0, 0, 1, 2) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const hand = new InFlightMessages();
      const model: { readonly which: number; readonly attempts: number }[] = [];
      const triedFirst = (which: number) =>
        model.find((held) => held.which === which && held.attempts > 0) ?? model.find((held) => held.which === which);
      const plain = (held: { which: number; attempts: number }) => `${held.which} tried ${held.attempts}`;
      for (const { adds, which, attempts } of steps) {
        const message = messages[which]!;
        if (adds) {
          if (attempts === 0) hand.add(message);
          else hand.addRedelivered({ message, attempts });
          model.push({ which, attempts });
        } else {
          const held = triedFirst(which);
          expect(hand.attemptsOf(message)).toBe(held?.attempts ?? 0);
          expect(hand.delete(message)).toBe(held !== undefined);
          if (held !== undefined) model.splice(model.indexOf(held), 1);
        }
        expect(hand.size).toBe(model.length);
        const all = hand.all().map(({ message, attempts }) => plain({ which: numberOf(message), attempts }));
        expect(all.sort()).toEqual(model.map(plain).sort());
      }
    }),
  );
});
