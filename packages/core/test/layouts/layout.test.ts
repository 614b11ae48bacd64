import { describe, expect, test } from "vitest";
import { array, buffer, f16, f32, i32, u32, vec2f, vec3f, vec4f } from "../../src/layouts/field.js";
import { Memory, Packer } from "../../src/layouts/packer.js";
import { struct } from "../../src/layouts/struct.js";
import { halfBits, halfOf, roundToHalf } from "../../src/layouts/values.js";
import { declareStructs } from "../../src/layouts/wgsl.js";
import { defineMessage } from "../../src/messages/define-message.js";
import { test as property } from "./random-fields.js";

const offsets = (layout: ReturnType<typeof struct>) =>
  layout["~plan"].members.map(({ name, offset }) => [name, offset]);

describe("places in memory, by the table of the WGSL specification", () => {
  test("scalars and vectors", () => {
    const layout = struct({ a: f32, b: vec3f, c: f32, d: vec2f, e: u32, f: vec4f, g: i32 });
    expect(offsets(layout as never)).toEqual([
      ...[
        ["a", 0],
        ["b", 16],
        ["c", 28],
        ["d", 32],
      ],
      ...[
        ["e", 40],
        ["f", 48],
        ["g", 64],
      ],
    ]);
    expect(layout.stride).toBe(80);
  });
  test("halves, arrays and structs", () => {
    const inner = struct({ at: vec3f, n: u32 });
    const layout = struct({ h: f16, k: f16, w: array(f16, 3), inner, many: array(vec3f, 2), x: f32 });
    expect(offsets(layout as never)).toEqual([
      ...[
        ["h", 0],
        ["k", 2],
        ["w", 4],
        ["inner", 16],
      ],
      ...[
        ["many", 32],
        ["x", 64],
      ],
    ]);
    expect(layout.stride).toBe(80);
  });
  test("a buffer takes no place", () => {
    const layout = struct({ values: buffer(f32), gain: f32 });
    expect([offsets(layout as never), layout.stride]).toEqual([[["gain", 0]], 4]);
  });
});

test("each of very many layouts packs all objects, over several pieces, and reads them back", () => {
  // more layouts than there are copies of the code that packs: the last ones share a copy
  for (let n = 0; n < 60; n++) {
    const names = ["a", "b", "c", "d", "e", "f", "g"] as const;
    const fields = Object.fromEntries(names.map((name, k) => [name, [f32, i32, u32][(k + n) % 3] ?? f32]));
    const layout = struct(fields as Record<string, typeof f32>);
    const count = n === 0 ? 5000 : 3;
    const values = Array.from({ length: count }, (_, i) =>
      Object.fromEntries(names.map((name, k) => [name, 7 * i + k + n])),
    );
    const packer = new Packer(layout["~plan"], layout.stride);
    const memory = new Memory(new ArrayBuffer((count + 1) * layout.stride));
    packer.pack(values, count, memory, layout.stride);
    expect(values.map((_, i) => packer.unpack(memory, (i + 1) * layout.stride))).toEqual(values);
    expect(new Uint8Array(memory.f32.buffer, 0, layout.stride).every((byte) => byte === 0)).toBe(true);
  }
});

test("the declaration names inner structs once, and takes the given names", () => {
  const inner = struct({ at: vec3f });
  const [a, b] = [struct({ x: inner, y: array(inner, 2) }), struct({ z: inner })];
  const text = declareStructs([
    ["A", a["~plan"]],
    ["B", b["~plan"]],
  ]);
  expect(text.split("\n")).toEqual([
    `struct ${inner.wgsl} { at: vec3<f32> }`,
    `struct A { x: ${inner.wgsl}, y: array<${inner.wgsl}, 2> }`,
    `struct B { z: ${inner.wgsl} }`,
  ]);
});

describe("as the body of a message", () => {
  const Reading = defineMessage("Reading", struct({ sensor: u32, value: f32, at: vec3f, last: array(f32, 2) }));
  test("numbers are what their fields hold", () => {
    const made = Reading({ sensor: 7, value: 0.1, at: [1, 2, 0.1], last: [1, 0.1] });
    expect(made.value).toBe(Math.fround(0.1));
    expect(made.at).toEqual([1, 2, Math.fround(0.1)]);
    expect(made.last).toEqual(Float32Array.of(1, 0.1));
  });
  test.each([
    [{ sensor: -1, value: 0, at: [0, 0, 0], last: [0, 0] }, "sensor"],
    [{ sensor: 1.5, value: 0, at: [0, 0, 0], last: [0, 0] }, "sensor"],
    [{ sensor: 1, value: "0", at: [0, 0, 0], last: [0, 0] }, "value"],
    [{ sensor: 1, value: 0, at: [0, 0], last: [0, 0] }, "at"],
    [{ sensor: 1, value: 0, at: [0, 0, null], last: [0, 0] }, "at.2"],
    [{ sensor: 1, value: 0, at: [0, 0, 0] }, "last"],
  ])("%j is refused for its %s", (body, path) => {
    try {
      Reading(body as never);
      expect.unreachable();
    } catch (error) {
      const { code, details } = error as { code: string; details: { issues: { path?: PropertyKey[] }[] } };
      expect([code, details.issues[0]?.path?.join(".")]).toEqual(["INVALID_MESSAGE", path]);
    }
  });
});

test.each([
  () => struct({}),
  () => struct({ "a b": f32 }),
  () => struct({ var: f32 }),
  () => struct({ target: f32 }),
  () => struct({ a: 1 as never }),
  () => struct({ a: struct({ b: buffer(f32) }) }),
  () => array(f32, 0),
  () => array(buffer(f32) as never, 2),
  () => buffer(buffer(f32) as never),
])("a layout that cannot be is INVALID_ARGUMENT: %s", (make) => {
  expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

test("every half is itself, and rounding is to the nearest, ties to even", () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = halfOf(bits);
    if (Number.isNaN(value)) expect(halfOf(halfBits(value))).toBeNaN();
    else expect(halfBits(value)).toBe(bits);
  }
  expect([roundToHalf(2049), roundToHalf(2051), roundToHalf(65519), roundToHalf(65520)]).toEqual([
    ...[2048, 2052, 65504],
    Number.POSITIVE_INFINITY,
  ]);
  expect(roundToHalf(2 ** -25)).toBe(0);
  expect(roundToHalf(1.5 * 2 ** -24)).toBe(2 ** -23);
});

property("what was packed is unpacked, in any order of the fields", (layout, values) => {
  const packer = new Packer(layout["~plan"], layout.stride);
  const memory = new Memory(new ArrayBuffer(Math.ceil((layout.stride * values.length) / 4) * 4));
  packer.pack(values, values.length, memory);
  values.forEach((value, i) => {
    expect(packer.unpack(memory, i * layout.stride)).toEqual(value);
  });
  const turned = values.map((value) => Object.fromEntries(Object.entries(value).reverse()));
  const again = new Memory(new ArrayBuffer(memory.bytes.byteLength));
  packer.pack(turned, turned.length, again);
  expect(new Uint8Array(again.bytes)).toEqual(new Uint8Array(memory.bytes));
});
