import { isDeepStrictEqual } from "node:util";
import { createContext, runInContext } from "node:vm";
import { isRinglineError } from "@ringline/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CorruptFrame } from "../../src/codec/byte-reader.js";
import { errorToWire, thrownFromWire } from "../../src/codec/error-wire.js";
import { packValue, unpackValue } from "../../src/codec/packed.js";
import { randomValues } from "./random-values.js";

const CHUNK = 1000;
const CHUNKS = Number(process.env["RINGLINE_CHUNKS"] ?? 5);
const MANY = 100_000;
const SEED = Number(process.env["RINGLINE_SEED"] ?? 19);

const copy = <T>(value: T): T => unpackValue(packValue(value)) as T;

const name = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom("__proto__", "constructor", "toString", "length", "0", "7", "\ud83d", "then", "a", "b", "c"),
);
const scalar = fc.oneof(
  fc.integer(),
  fc.integer({ min: -130, max: 130 }),
  fc.double(),
  fc.boolean(),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.bigInt(),
  fc.constantFrom(null, undefined, -0, Number.NaN, "\ud800 alone", 2 ** 31, -(2 ** 63), 2n ** 70n),
);
const typed = fc.oneof(
  fc.uint8Array(),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ minLength: 8 }).map((bytes) => bytes.subarray(1, 5)),
  fc.uint8Array().map((bytes) => bytes.buffer),
  fc.uint8Array({ minLength: 4 }).map((bytes) => new DataView(bytes.buffer, 1, 2)),
);
const builtIn = fc.oneof(
  fc.date({ noInvalidDate: true }), // Node takes two invalid ones for different
  fc
    .tuple(fc.constantFrom("a+", "[b-c]", "\\d"), fc.constantFrom("", "g", "iu"), fc.nat(5))
    .map(([source, flags, at]) => Object.assign(new RegExp(source, flags), { lastIndex: at })),
);
const failure = (value: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      fc.constantFrom(Error, RangeError, TypeError),
      fc.string(),
      fc.option(value),
      fc.dictionary(name, value, { maxKeys: 2 }),
    )
    .map(([type, message, cause, fields]) => {
      const error = cause === null ? new type(message) : new type(message, { cause });
      const { __proto__: _, stack: __, ...own } = fields as Record<string, unknown>;
      return Object.assign(error, own);
    });
const holes = (value: fc.Arbitrary<unknown>) =>
  fc
    .tuple(fc.array(value, { maxLength: 4 }), fc.nat(6), fc.dictionary(name, value, { maxKeys: 2 }))
    .map(([list, at, fields]) => {
      const { __proto__: _, length: __, ...own } = fields as Record<string, unknown>;
      delete list[at % (list.length + 1)];
      return Object.assign(list, own);
    });
const anything = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie("value");
  return {
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      scalar,
      typed,
      builtIn,
      fc.array(value, { maxLength: 6 }),
      fc.array(fc.oneof(fc.integer(), fc.double()), { maxLength: 20 }),
      holes(value),
      fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true }),
      fc.dictionary(name, value, { maxKeys: 30 }),
      fc.array(fc.record({ id: fc.nat(), name: fc.string(), more: value }, { noNullPrototype: true }), {
        maxLength: 6,
      }),
      fc.array(fc.tuple(fc.oneof(scalar, value), value), { maxLength: 4 }).map((entries) => new Map(entries)),
      fc.array(fc.oneof(scalar, value), { maxLength: 4 }).map((items) => new Set(items)),
      failure(value),
      value.map((one) => ({ one, same: one, list: [one, [one]] })),
    ),
  };
}).value;

/** Objects of a value in the order in which they are met, by the number of the first that is the same. */
function identities(value: unknown, numbers = new Map<object, number>(), seen: number[] = []): number[] {
  if (typeof value !== "object" || value === null) return seen;
  const known = numbers.get(value);
  seen.push(known ?? numbers.size);
  if (known !== undefined) return seen;
  numbers.set(value, numbers.size);
  if (value instanceof Map) for (const entry of value) for (const one of entry) identities(one, numbers, seen);
  else if (value instanceof Set) for (const one of value) identities(one, numbers, seen);
  else if (value instanceof Error) identities(value.cause, numbers, seen);
  if (!ArrayBuffer.isView(value)) for (const one of Object.values(value)) identities(one, numbers, seen);
  return seen;
}

describe("values of all kinds", () => {
  test(`${CHUNKS * CHUNK} of them arrive equal, with the identity of shared parts`, {
    timeout: 30_000 * CHUNKS,
  }, async () => {
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      fc.assert(
        fc.property(anything, (value) => {
          const arrived = copy(value);
          if (!isDeepStrictEqual(arrived, value)) {
            expect(arrived).toStrictEqual(value);
            expect.unreachable("other than it was");
          }
          if (identities(arrived).join() !== identities(value).join())
            expect(identities(arrived)).toEqual(identities(value));
        }),
        { numRuns: CHUNK },
      );
      await new Promise(setImmediate);
    }
  });

  test(`${MANY} from a seed arrive equal, with the identity of shared parts`, { timeout: 300_000 }, async () => {
    const { value, kinds } = randomValues(SEED);
    for (let i = 0; i < MANY; i++) {
      const sent = value();
      const arrived = copy(sent);
      const where = `value ${i} of seed ${SEED}`;
      if (!isDeepStrictEqual(arrived, sent)) {
        expect(arrived, where).toStrictEqual(sent);
        expect.unreachable(where);
      }
      const [is, was] = [identities(arrived), identities(sent)];
      if (is.length !== was.length || is.some((one, at) => one !== was[at])) expect(is, where).toEqual(was);
      if (i % CHUNK === 0) await new Promise(setImmediate);
    }
    expect(Math.min(...kinds)).toBeGreaterThan(CHUNK);
  });

  test("floats arrive with the bits of each NaN, at any offset", () => {
    const bits = Uint32Array.of(0xffa21ee0, 0x7fa00001, 0x7fc00001, 0xe0d8f468);
    for (const offset of ["", "a", "ab", "abc"]) {
      for (const floats of [new Float32Array(bits.buffer), new Float64Array(bits.buffer)]) {
        const [, arrived] = copy([offset, floats] as const);
        expect(new Uint32Array(arrived.buffer)).toEqual(bits);
      }
    }
  });

  test("records of one shape arrive whatever their fields are named, with the identity of parts", () => {
    const part = { a: 1 };
    const record = (id: number, more: unknown) =>
      JSON.parse(
        `{"__proto__": ${id}, "id": ${id}, "toString": ${id}, "more": null, "a": 0, "b": 0, "c": 0, "d": 0}`,
        (key, value) => (key === "more" ? more : value),
      );
    const sent = Array.from({ length: 40 }, (_, i) => record(i, i % 9 === 0 ? part : [i]));
    const arrived = copy(sent);
    expect(isDeepStrictEqual(arrived, sent)).toBe(true);
    expect(identities(arrived)).toEqual(identities(sent));
    Object.defineProperty(sent[30], "b", { get: () => fail(), enumerable: true });
    expect(() => packValue({ rows: sent })).toThrow(expect.objectContaining({ details: { path: "rows.30.b" } }));
    sent[30] = { ...record(30, null), [Symbol("s")]: 1 };
    expect(() => packValue({ rows: sent })).toThrow(expect.objectContaining({ details: { path: "rows.30" } }));
  });

  test("a list whose length changes while it is written arrives with the length that it had", () => {
    const list: unknown[] = [];
    const change = (length: number) => ({
      get x() {
        list.length = length;
        return 1;
      },
    });
    for (const [length, arrived] of [
      [1, [{ x: 1 }, undefined, undefined]],
      [9, [{ x: 1 }, 2, 3]],
    ] as const) {
      list.splice(0, 9, change(length), 2, 3);
      expect(copy(list)).toEqual(arrived);
    }
  });

  test("built-in objects without their prototype are refused: what they hold would be lost", () => {
    for (const value of [new Error("e"), new Date(0), [1], Object(1)]) {
      const refused = expect.objectContaining({ code: "SERIALIZATION" });
      expect(() => packValue(Object.setPrototypeOf(value, null))).toThrow(refused);
    }
    expect(copy(Object.assign(Object.create(null), { a: 1 }))).toEqual({ __proto__: null, a: 1 });
  });

  test("an error whose stack cannot be read arrives without it", () => {
    const stack = {
      get: () => {
        throw new TypeError("Cannot convert object to primitive value");
      },
    };
    const sent = Object.defineProperty(Object.assign(new Error("no"), { toString: null }), "stack", stack);
    expect(copy([sent])).toMatchObject([{ message: "no", toString: null }]);
  });

  test("bytes that are none give a typed error, or a value, soon", () => {
    const faults = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    });
    const corrupt = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(anything, faults).map(([value, faults]) => {
        const bytes = packValue(value);
        for (const [at, byte] of faults) bytes[Math.floor(at * bytes.length)] = byte;
        return bytes;
      }),
      fc.tuple(anything, fc.nat(100)).map(([value, cut]) => packValue(value).slice(0, -cut)),
    );
    fc.assert(
      fc.property(corrupt, (bytes) => {
        try {
          unpackValue(bytes);
        } catch (error) {
          if (!(error instanceof CorruptFrame)) throw error;
        }
      }),
      { numRuns: 10 * CHUNK },
    );
    // containers within each other that were never closed, and lengths that nothing stands behind
    for (const byte of [11, 16, 18, 21, 22, 23, 40, 41]) {
      expect(() => unpackValue(new Uint8Array(1_000_000).fill(byte))).toThrow(CorruptFrame);
    }
    for (const tag of [5, 6, 7, 9, 18, 19, 20, 34, 35]) {
      expect(() => unpackValue(Uint8Array.of(tag, 255, 255, 255, 255, 15))).toThrow(CorruptFrame);
    }
  });

  test("of another realm arrive as those of this one", () => {
    const foreign = runInContext(
      `({ list: [1, , { a: 1 }], map: new Map([[1, new Set([2])]]), date: new Date(5), bytes: new Uint8Array([1, 2]),
          error: new RangeError("far", { cause: new Error("in") }), expression: /a/g, buffer: new ArrayBuffer(2) })`,
      createContext({}),
    );
    const { list, map, date, bytes, error, expression, buffer } = copy(foreign);
    expect(isDeepStrictEqual(map, new Map([[1, new Set([2])]]))).toBe(true);
    expect([Array.isArray(list), 1 in list, list[2]]).toEqual([true, false, { a: 1 }]);
    expect([date, bytes, expression, buffer]).toStrictEqual([
      new Date(5),
      new Uint8Array([1, 2]),
      /a/g,
      new ArrayBuffer(2),
    ]);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.cause).toBeInstanceOf(Error);
    expect(() => copy(runInContext("new (class List extends Array {})()", createContext({})))).toThrow();
  });

  test("100,000 levels arrive, and a chain without an end is refused", () => {
    let value: unknown;
    for (let i = 0; i < 100_000; i++) value = [value];
    let levels = 0;
    for (let one: unknown = copy(value); Array.isArray(one); one = one[0]) levels++;
    expect(levels).toBe(100_000);
    const endless = (): object => ({
      get next() {
        return endless();
      },
    });
    expect(() => packValue(endless())).toThrow(expect.objectContaining({ code: "SERIALIZATION" }));
  });

  test("what takes much memory gives it back", () => {
    expect(packValue({ big: new Uint8Array(50_000_000) }).length).toBeGreaterThan(50_000_000);
    expect(copy({ big: new Float64Array(1000) }).big.length).toBe(1000);
  });
});

describe("what was thrown", () => {
  test("travels whatever it is, in words where it cannot otherwise", () => {
    const socket = { open: true, close() {} };
    const error = Object.assign(new TypeError("t"), { socket, retry: () => 0, at: new Date(5) });
    const arrived = thrownFromWire(errorToWire(error)) as typeof error;
    expect(arrived).toBeInstanceOf(TypeError);
    expect(arrived).toMatchObject({ message: "t", stack: error.stack, retry: "a function", at: new Date(5) });
    for (const thrown of [undefined, null, 7, "text", 2n, Symbol("s"), () => 0, new Proxy({}, { get: () => fail() })]) {
      expect(() => thrownFromWire(errorToWire(thrown))).not.toThrow();
    }
    expect(thrownFromWire(new Uint8Array([255, 255]))).toBeInstanceOf(CorruptFrame);
  });

  test("an endless chain of causes ends", () => {
    let error = new Error("first");
    for (let i = 0; i < 10_000; i++) error = new Error(`${i}`, { cause: error });
    expect(thrownFromWire(errorToWire(error))).toMatchObject({ message: "9999", cause: { message: "9998" } });
  });

  test("is refused in a message, where a message can be refused", () => {
    try {
      packValue({ error: Object.assign(new Error("e"), { list: [{ retry: () => 0 }] }) });
    } catch (error) {
      expect(isRinglineError(error, "SERIALIZATION") && error.details.path).toBe("error.list.0.retry");
      return;
    }
    expect.unreachable();
  });
});

function fail(): never {
  throw new Error("no");
}
