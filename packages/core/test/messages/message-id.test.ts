import { inspect } from "node:util";
import fc from "fast-check";
import { validate, version } from "uuid";
import { describe, expect, test } from "vitest";
import { body, defineMessage } from "../../src/index.js";
import {
  asUuid,
  idAtDistance,
  idDistance,
  messageIdText,
  WireId,
  writeMessageId,
} from "../../src/messages/message-id.js";

const Tick = defineMessage("Tick", body<{ n: number }>());

describe("ids", () => {
  test("are UUIDs of version 7", () => {
    const { messageId } = Tick({ n: 1 });
    expect(validate(messageId)).toBe(true);
    expect(version(messageId)).toBe(7);
  });

  test("sort by creation, and a million of them differ", () => {
    let last = "";
    let unsorted = 0;
    for (let n = 0; n < 1_000_000; n++) {
      const { messageId } = Tick({ n });
      if (messageId <= last) unsorted++;
      last = messageId;
    }
    expect(unsorted).toBe(0);
  });

  test("are made in the order of creation, whatever the order in which they are read", () => {
    const ticks = [Tick({ n: 0 }), Tick({ n: 1 }), Tick({ n: 2 })];
    const ids = [...ticks].reverse().map(({ messageId }) => messageId);
    expect(ids.reverse()).toEqual([...ids].sort());
    expect(ids).toEqual(ticks.map(({ messageId }) => messageId));
  });

  test("are known as those that were made so much later", () => {
    const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(number, number, (one, other) => {
        const words = new Int32Array(4);
        writeMessageId(one, words);
        const [a, b, c, d] = words as unknown as [number, number, number, number];
        const by = idDistance(other, one);
        expect(by).toBe(other > one ? other - one : undefined);
        if (by !== undefined) expect(idAtDistance(new WireId(a, b, c, d), by).text).toBe(messageIdText(other));
      }),
    );
    expect([idDistance(2 ** 32, 1), idDistance("2", 1), idDistance(2, "1")]).toEqual([undefined, undefined, undefined]);
  });

  test("of each kind are four words, from a place on, that are their text again", () => {
    const text = fc.uuid();
    const wire = fc.array(fc.integer(), { minLength: 4, maxLength: 4 }).map(([a, b, c, d]) => {
      return new WireId(
        ...(Int32Array.of(a ?? 0, b ?? 0, c ?? 0, d ?? 0) as unknown as [number, number, number, number]),
      );
    });
    fc.assert(
      fc.property(fc.oneof(fc.nat(), fc.maxSafeNat(), text, wire), fc.nat({ max: 3 }), (id, at) => {
        const words = new Int32Array(8);
        writeMessageId(id, words, at);
        const own = words.slice(at, at + 4) as unknown as [number, number, number, number];
        expect(new WireId(...own).text).toBe(messageIdText(id));
        words.fill(0, at, at + 4);
        expect([...words]).toEqual(new Array(8).fill(0));
      }),
    );
  });

  test("go on sorting where their counter is full", () => {
    const numbers = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER];
    const ids = numbers.map(messageIdText);
    expect(ids.every((id) => validate(id))).toBe(true);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(numbers.length);
  });

  test.each([
    ["018f5a3e-7c1b-7d2e-9f3a-0123456789ab", "018f5a3e-7c1b-7d2e-9f3a-0123456789ab"],
    ["018F5A3E-7C1B-7D2E-9F3A-0123456789AB", "018f5a3e-7c1b-7d2e-9f3a-0123456789ab"],
    ["018f5a3e7c1b7d2e9f3a0123456789ab", undefined],
    ["", undefined],
    [undefined, undefined],
    [7, undefined],
  ])("asUuid(%o) is %o", (value, expected) => {
    expect(asUuid(value)).toBe(expected);
  });
});

describe("other forms of a message", () => {
  const tick = Tick({ n: 1 }, { priority: 3 });
  const { messageId } = tick;

  test("JSON has the header, then the body", () => {
    const json = { type: "Tick", messageId, priority: 3, correlationId: null, n: 1 };
    expect(JSON.stringify(tick)).toBe(JSON.stringify(json));
    expect(JSON.stringify({ of: [tick] })).toBe(JSON.stringify({ of: [json] }));
  });

  test("the console shows the same", () => {
    expect(inspect(tick)).toBe(inspect(JSON.parse(JSON.stringify(tick))));
  });

  test("a spread gives the body alone", () => {
    expect({ ...tick }).toEqual({ n: 1 });
  });
});
