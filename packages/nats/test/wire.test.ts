import { isDeepStrictEqual } from "node:util";
import { body as bodyOf, defineMessage, traceOf } from "@ringline/core";
import { type AnyMessage, expiryOf, inEnvelope, lineageOf, type Origin, WireId } from "@ringline/core/internal";
import { virtualClock } from "@ringline/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Book } from "../src/wire/book.js";
import { Line } from "../src/wire/line.js";
import { fromWire, WireMessage } from "../src/wire/message.js";
import { Progress } from "../src/wire/progress.js";
import { Put } from "../src/wire/put.js";
import { valuesIn } from "../src/wire/reader.js";
import { Writer } from "../src/wire/writer.js";

const simple = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 0, 2 ** 31 - 1, 2 ** 31, 2 ** 32, -1, Number.NaN),
  fc.string({ unit: "binary", maxLength: 90 }),
  fc.constantFrom("\ud800", "é".repeat(70), "x".repeat(70), "\ud83d".repeat(70)),
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined),
);
const word = fc.string({ maxLength: 12 }).filter((name) => name !== "__proto__");
const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((one) => one.toUpperCase()),
  fc.string(),
  fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer()).map(([a, b, c, d]) => new WireId(a, b, c, d)),
);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const lineage = fc
  .record({
    asker: maybe(fc.record({ id: fc.nat(), isYours: fc.boolean(), asked: word, name: word })),
    origin: maybe(fc.record({ id: fc.nat(), isYours: fc.boolean(), flow: word, isCancelled: fc.boolean() })),
  })
  .filter(({ asker, origin }) => asker !== undefined || origin !== undefined);
const body = fc.record({
  flat: maybe(fc.dictionary(word, simple, { noNullPrototype: true })),
  bytes: maybe(fc.uint8Array()),
  buffers: fc.constant(undefined),
});
const message = fc
  .tuple(
    word,
    id,
    fc.option(id),
    fc.nat(3),
    fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.double()),
    maybe(lineage),
    maybe(fc.string()),
    body,
  )
  .map((all) => new WireMessage(...all));
const given = fc.record({ message, unit: fc.nat(), timeout: maybe(fc.nat()) }, { noNullPrototype: true });
const plain = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
const said = fc.array(fc.oneof(simple, message, given, plain), { maxLength: 6 });

/** What a frame says, ids as texts. */
function readable(value: unknown): unknown {
  if (value instanceof WireId) return value.text;
  if (value instanceof WireMessage) {
    const { id, cause, body, ...rest } = value;
    const bytes = body.bytes && [...body.bytes];
    return { ...rest, id: readable(id), cause: readable(cause), body: { ...body, bytes } };
  }
  if (Array.isArray(value)) return value.map(readable);
  const held = (value as { message?: unknown } | null | undefined)?.message;
  return held instanceof WireMessage ? { ...(value as object), message: readable(held) } : value;
}

const written = (all: readonly (readonly unknown[])[]) => {
  const writer = new Writer();
  for (const values of all) writer.add(values);
  return writer.take().slice();
};

/** What a host tells of its kernels, one thing after the other. */
const told = fc.array(
  fc.record({
    unit: fc.integer({ min: 1, max: 2 }),
    key: fc.integer({ min: 1, max: 6 }),
    k: fc.constantFrom("took", "done", "both", "both", "other"),
  }),
);

describe("what kernels did", () => {
  test("is heard as it was told, also in ranges", () => {
    fc.assert(
      fc.property(told, (all) => {
        const writer = new Writer();
        const progress = new Progress(writer);
        const expected: unknown[] = [];
        for (const { unit, key, k } of all) {
          if (k === "took" || k === "both") {
            progress.took(unit, key);
            expected.push(["took", unit, key]);
          }
          if (k === "done" || k === "both") {
            progress.done(unit, key);
            expected.push(["settled", unit, key, "done", 0]);
          }
          if (k === "other") {
            progress.write();
            writer.add([k]);
            expected.push([k]);
          }
        }
        progress.write();
        expect(valuesIn(writer.take())?.flatMap(oneByOne)).toEqual(expected);
      }),
    );
  });

  test("takes one record where it was one by one", () => {
    const writer = new Writer();
    const progress = new Progress(writer);
    for (let key = 5; key < 500; key++) {
      progress.took(7, key);
      progress.done(7, key);
    }
    progress.took(7, 500);
    progress.write();
    expect(valuesIn(writer.take())).toEqual([
      ["did", 7, 5, 499],
      ["took", 7, 500],
    ]);
  });
});

function oneByOne(values: readonly unknown[] | Put): unknown[] {
  if (values instanceof Put || values[0] !== "did") return [values];
  const [, unit, from, to] = values as [string, number, number, number];
  return Array.from({ length: to - from + 1 }, (_, i) => [
    ["took", unit, from + i],
    ["settled", unit, from + i, "done", 0],
  ]).flat();
}

const lines = { isClosed: false, answer() {}, fail() {}, leave() {}, cancelled() {} };
const stays = { isAlive: true, isOpen: () => true, enter() {}, withdraw() {}, leave() {}, onCancelled: undefined };
const origins = ["one", "one", "two"].map((flow, i): Origin => ({ ...stays, flow, isCancelled: i === 1 }));

/** A message of this place, as others are or not quite. */
const sent = fc.record({
  unit: fc.constantFrom(1, 1, 1, 2),
  skipped: fc.constantFrom(0, 0, 0, 1),
  type: fc.constantFrom("A", "A", "B"),
  id: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 1, 2, 1000, -3) }, id),
  cause: fc.option(id, { freq: 2 }),
  priority: fc.constantFrom(128, 128, 128, 3),
  expires: fc.constantFrom(false, false, false, true),
  trace: fc.constantFrom(undefined, undefined, undefined, "00-aa-bb-01"),
  origin: fc.constantFrom(undefined, undefined, ...origins),
  fields: fc.oneof(fc.record({ n: simple }), fc.record({ n: simple, 1: simple }), fc.dictionary(word, simple)),
});

describe("messages that are put", () => {
  test("are heard as they were sent, in short or in full", () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 12 }), (all) => {
        const [clock, mine, yours] = [virtualClock(1000), new Book(lines), new Book(lines)];
        const writer = new Writer();
        const expected: unknown[] = [];
        let [number, key] = [5000, 0];
        for (const { unit, skipped, id, type, fields, cause, priority, expires, trace, origin } of all) {
          key += 1 + skipped;
          if (typeof id === "number") number += id;
          const envelope = {
            ...{ id: typeof id === "number" ? number : id, cause, priority, trace },
            expiresAt: expires ? 5000 : Number.POSITIVE_INFINITY,
            lineage: origin && { asker: undefined, origin },
          };
          const message = inEnvelope(type, withoutHeader(fields), envelope);
          writer.put(unit, key, message, mine, clock);
          const left = expires ? 4000 : Number.POSITIVE_INFINITY;
          expected.push([unit, key, seen(message), left, origin && [mine.origins.idOf(origin), origin.flow]]);
        }
        const heard = valuesIn(writer.take())?.map((one) => {
          const [unit, key, wire, made] =
            one instanceof Put ? [one.unit, one.key, one.wire, one.message] : [one[1], one[2], one[3], undefined];
          const message = made ?? fromWire(wire as WireMessage, yours, clock);
          const from = lineageOf(message)?.origin as { id: number; flow: string } | undefined;
          return [unit, key, seen(message), expiryOf(message) - (made ? 0 : 1000), from && [from.id, from.flow]];
        });
        expect(isDeepStrictEqual(heard, expected)).toBe(true);
      }),
    );
  });

  test("take a few bytes where they are alike", () => {
    const [clock, book, writer] = [virtualClock(0), new Book(lines), new Writer()];
    const Step = defineMessage("Step", bodyOf<{ n: number }>());
    for (let n = 0; n < 100; n++) writer.put(1, n, Step({ n }) as never, book, clock);
    expect(writer.size).toBeLessThan(100 * 4 + 60);
  });
});

/** All that its receiver sees of it. */
const seen = (message: AnyMessage) => ({ ...message.toJSON(), trace: traceOf(message) });
const withoutHeader = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in plainMessage)));
const plainMessage = defineMessage("Plain")();

describe("what is said over a line", () => {
  test("is heard as it was said", () => {
    fc.assert(
      fc.property(fc.array(said, { maxLength: 4 }), (all) => {
        const cloneable = structuredClone(all.map((values) => values.map(readable)));
        const heard = valuesIn(written(all))?.map(readable);
        expect(isDeepStrictEqual(heard, cloneable)).toBe(true);
      }),
    );
  });

  test("is refused where it is cut, or changed", () => {
    fc.assert(
      fc.property(said, fc.nat(), fc.nat(255), (values, at, byte) => {
        const bytes = written([[...values, "end"]]);
        expect(valuesIn(bytes.subarray(0, 1 + (at % (bytes.length - 1))))).toBe(undefined);
        bytes[at % bytes.length] = byte;
        valuesIn(bytes); // does not throw
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void valuesIn(bytes)));
  });

  test("is as before where something cannot be cloned", () => {
    const writer = new Writer();
    writer.add(["a", 1]);
    expect(() => writer.add(["new", "text", () => {}])).toThrow();
    writer.add(["text", "new", "a"]);
    expect(valuesIn(writer.take())).toEqual([
      ["a", 1],
      ["text", "new", "a"],
    ]);
  });

  test("ends the line where it cannot be read", () => {
    let frame: Uint8Array = new Uint8Array();
    const lost: string[] = [];
    const line = (publish: (bytes: Uint8Array) => void) =>
      new Line({ id: 1, publish, hear() {}, put() {}, lost: (reason) => lost.push(reason), limit: 1024 });
    const from = line((bytes) => {
      frame = bytes;
    });
    from.tell("gate", 1);
    from.flush();
    frame[16] = 0xff;
    line(() => {}).receive(frame);
    expect(lost).toEqual(["what it says cannot be read"]);
  });
});
