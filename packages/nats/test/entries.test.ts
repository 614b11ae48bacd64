import fc from "fast-check";
import { expect, test } from "vitest";
import { Entries, Entry } from "../src/runtime/entries.js";

test("entries are found by their keys, whichever go and however long some stay", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), skipped: fc.constantFrom(0, 0, 0, 1, 70, 1000) }),
    fc.record({ do: fc.constant("delete" as const), pick: fc.nat() }),
    fc.record({ do: fc.constant("delete the oldest" as const), count: fc.nat(90) }),
    fc.record({ do: fc.constant("add many" as const), count: fc.nat(90) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const [entries, model] = [new Entries(), new Map<number, Entry>()];
      let key = 2 ** 31 - 500; // they go on where bits for a sign end
      const add = () => {
        const entry = new Entry(++key, {} as never, 0);
        entries.add(entry);
        model.set(key, entry);
      };
      const remove = (one: number | undefined) => {
        entries.delete(one ?? key + 1);
        if (one !== undefined) model.delete(one);
      };
      for (const step of steps) {
        if (step.do === "add") key += step.skipped;
        if (step.do === "add") add();
        else if (step.do === "add many") for (let i = 0; i < step.count; i++) add();
        else if (step.do === "delete") remove([...model.keys()][step.pick % (model.size + 1)]);
        else for (const one of [...model.keys()].slice(0, step.count)) remove(one);
        expect(entries.size).toBe(model.size);
        expect(entries.all()).toEqual([...model.values()]);
        for (const one of model.keys()) expect(entries.get(one)).toBe(model.get(one));
        for (const one of [key + 1, key - 5000]) expect(entries.get(one)).toBe(model.get(one));
      }
    }),
  );
});
