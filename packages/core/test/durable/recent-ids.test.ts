import fc from "fast-check";
import { expect, test } from "vitest";
import { RecentIds } from "../../src/durable/recent-ids.js";
import { type MessageId, messageIdText, nextMessageId } from "../../src/messages/message-id.js";

const MOST = 100;

test("does what a set of texts does, whatever form an id has", () => {
  const first = nextMessageId() as number;
  const id = fc.oneof(
    fc.nat(90).map((n): MessageId => first + n),
    fc.nat(90).map((n): MessageId => messageIdText(first + n)),
    fc.uuid().map((text): MessageId => text),
  );
  const step = fc.record({ id, act: fc.constantFrom("add", "delete", "has") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: MOST }), (steps) => {
      const [ids, model] = [new RecentIds(MOST), new Set<string>()];
      for (const { id, act } of steps) {
        if (act === "add") ids.add(id);
        else if (act === "delete") ids.delete(id);
        const text = messageIdText(id);
        if (act === "add") model.add(text);
        else if (act === "delete") model.delete(text);
        expect(ids.has(id)).toBe(model.has(text));
      }
      expect(new Set(ids.latest(MOST))).toEqual(model);
    }),
  );
});

test("the latest are remembered, those long before are not", () => {
  const ids = new RecentIds(MOST);
  const all = Array.from({ length: 1000 }, () => nextMessageId() as number);
  for (const id of all) ids.add(id);
  for (const id of all.slice(-MOST)) expect(ids.has(id)).toBe(true);
  expect(ids.has(all[0] as number)).toBe(false);
  expect(ids.latest(10).slice(-10)).toEqual(all.slice(-10).map(messageIdText));
  expect(ids.latest(10).length).toBeLessThan(10 + 32);
});
