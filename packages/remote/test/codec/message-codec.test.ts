import { body, defineMessage, isRinglineError } from "@ringline/core";
import type { AnyMessage } from "@ringline/core/internal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { copiedBuffers } from "../../src/codec/buffer-wire.js";
import { CorruptFrame } from "../../src/codec/byte-reader.js";
import { MessageCodec } from "../../src/codec/message-codec.js";

const Any = defineMessage("Any", body<object>());
const nobody = () => {
  throw new Error("nobody asks");
};
const requesters = { refer: nobody, resolve: nobody };
const origins = { write: nobody, read: nobody };
const codec = () => new MessageCodec(requesters, origins, copiedBuffers);

function travel(message: unknown, by = codec()): Record<string, unknown> & AnyMessage {
  by.encode(message as AnyMessage, false);
  const bytes = by.out.bytes.slice(0, by.out.size);
  return by.decode(bytes, new DataView(bytes.buffer), 0, bytes.length, by.shapes.list) as never;
}

const keys = fc
  .string({ minLength: 1, maxLength: 8, unit: "grapheme" })
  .filter((key) => !["type", "messageId", "priority", "correlationId", "toJSON", "then", "__proto__"].includes(key));
const flat = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.NaN, 2 ** 31, -(2 ** 31), "\uD800 alone"),
  fc.bigInt(),
  fc.uint8Array(),
  fc.float64Array(),
  fc.float32Array(),
  fc.date({ noInvalidDate: false }),
);
const deep = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    flat,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 5, noNullPrototype: true }),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(fc.string(), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).value;

describe("messages", () => {
  test("arrive as they were", () => {
    const by = codec();
    fc.assert(
      fc.property(
        fc.dictionary(keys, deep, { noNullPrototype: true }),
        fc.integer({ min: 0, max: 255 }),
        (fields, priority) => {
          const sent = Any(fields, { priority });
          const back = travel(sent, by);
          expect({ ...back }).toStrictEqual({ ...sent });
          expect(back.messageId).toBe(sent.messageId);
          expect(back.priority).toBe(priority);
          expect(back.correlationId).toBeNull();
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("keep their cause and what is left of their time", () => {
    const cause = Any({});
    const sent = Any({ n: 1 }, { replyTo: cause, expiresIn: 5000 });
    const back = travel(sent);
    expect(back.correlationId).toBe(cause.messageId);
    expect(travel(back).correlationId).toBe(cause.messageId);
  });

  test("keep one object that is there twice, and circles", () => {
    const shared = { n: 1 };
    const circle: { self?: unknown; list: unknown[] } = { list: [shared, shared] };
    circle.self = circle;
    const { value } = travel(Any({ value: circle })) as unknown as { value: typeof circle };
    expect(value.self).toBe(value);
    expect(value.list[0]).toBe(value.list[1]);
  });

  test("carry errors with their code and cause", () => {
    const cause = new RangeError("deep");
    const { error } = travel(Any({ error: new TypeError("outer", { cause }) })) as unknown as { error: Error };
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("outer");
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  test.each([
    ["a function", { a: { b: [1, () => 0] } }, "a.b.1"],
    ["a symbol", { a: Symbol("no") }, "a"],
    ["an instance of a class", { list: [new (class Point {})()] }, "list.0"],
    ["what a map holds", { map: new Map([["key", () => 0]]) }, "map.key"],
    ["a promise", { later: Promise.resolve() }, "later"],
  ])("refuse %s, and say where it is", (_, fields, path) => {
    try {
      travel(Any(fields));
    } catch (error) {
      expect(isRinglineError(error, "SERIALIZATION") && error.details.path).toBe(path);
      return;
    }
    expect.unreachable();
  });

  test("bytes that are none are refused, or give a message", () => {
    const by = codec();
    by.encode(Any({ n: 1, s: "text", deep: { list: [1, 2, 3] } }) as unknown as AnyMessage, false);
    const good = by.out.bytes.slice(0, by.out.size);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        (faults) => {
          const bytes = good.slice();
          for (const [at, value] of faults) bytes[at] = value;
          try {
            by.decode(bytes, new DataView(bytes.buffer), 0, bytes.length, by.shapes.list);
          } catch (error) {
            // flags may name an asker that nobody knows
            if (!(error instanceof CorruptFrame) && !isRinglineError(error))
              expect(String(error)).toContain("nobody asks");
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
