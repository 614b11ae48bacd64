import { converted, equal, platform, refused, type ValueGroup, type ValueKind } from "./kind.js";

type Typed = new (values: readonly number[] | ArrayBufferLike, offset?: number, length?: number) => Uint8Array;
const CLASSES =
  "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array".split(
    " ",
  );
const resizable = ArrayBuffer as unknown as new (
  size: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize?(size: number): void };

const detached = () => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
};
const detachedView = (view: (buffer: ArrayBuffer) => unknown) => {
  const buffer = new ArrayBuffer(8);
  const made = view(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return made;
};
const ofClass = (name: string): ValueKind[] =>
  equal({
    [`a ${name}`]: () => {
      const type = platform<Typed>(name);
      return type && new type([1, 2, 250]);
    },
  });
const outOfBounds = () => {
  const buffer = new resizable(16, { maxByteLength: 16 });
  if (buffer.resize === undefined) return undefined;
  const view = new Uint8Array(buffer, 8);
  buffer.resize(4);
  return view;
};

export const binary: ValueGroup = {
  title: "Bytes and typed arrays",
  kinds: [
    ...CLASSES.flatMap(ofClass),
    ...equal({
      "a BigInt64Array": () => new BigInt64Array([1n, -(2n ** 63n)]),
      "a BigUint64Array": () => new BigUint64Array([1n, 2n ** 64n - 1n]),
      "an empty typed array": () => new Float32Array(0),
      "a large typed array": () => new Float64Array(100_000).fill(0.5),
      "floats that are no numbers": () => new Float32Array([Number.NaN, -0, 1 / 0]),
      "NaNs with bits of their own": () => new Float32Array(Uint32Array.of(0xff_a2_1e_e0, 0x7f_a0_00_01).buffer),
      "a view of some of its memory": () => new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2),
      "typed arrays side by side": () => ({
        a: new Uint8Array([1]),
        b: new Float64Array([0.5]),
        c: new Int16Array([2, 3]),
      }),
      "the same typed array twice": () => {
        const bytes = new Uint8Array([1, 2]);
        return [bytes, bytes];
      },
      "an ArrayBuffer": () => new Uint8Array([1, 2, 3]).buffer,
      "an empty ArrayBuffer": () => new ArrayBuffer(0),
      "a DataView": () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
      "a Buffer": () => platform<{ from(text: string): unknown }>("Buffer")?.from("hello"),
      "an empty Buffer": () => platform<{ from(text: string): unknown }>("Buffer")?.from(""),
      "a large Buffer": () => platform<{ alloc(size: number, fill: number): unknown }>("Buffer")?.alloc(50_000, 7),
    }),
    converted(
      "a view of shared memory",
      "with a copy of its bytes",
      () => platform("SharedArrayBuffer") && new Uint8Array(new SharedArrayBuffer(4)).fill(7),
      () => new Uint8Array(4).fill(7),
    ),
    converted(
      "a resizable ArrayBuffer",
      "as one of the length that it has",
      () => new resizable(4, { maxByteLength: 16 }),
      () => new ArrayBuffer(4),
    ),
    converted(
      "two views of one memory",
      "each with memory of its own",
      () => {
        const bytes = new Uint8Array([1, 2, 3, 4]);
        return [bytes, bytes.subarray(1, 3)];
      },
      () => [new Uint8Array([1, 2, 3, 4]), new Uint8Array([2, 3])],
    ),
    converted(
      "a typed array with a field",
      "without it",
      () => Object.assign(new Uint8Array([1]), { extra: 1 }),
      () => new Uint8Array([1]),
    ),
    ...refused("shared memory cannot be copied", {
      "a SharedArrayBuffer": () => platform("SharedArrayBuffer") && new SharedArrayBuffer(8),
      "a SharedArrayBuffer in a list": [() => platform("SharedArrayBuffer") && [new SharedArrayBuffer(8)], "0"],
    }),
    ...refused("its memory is gone", {
      "a detached ArrayBuffer": detached,
      "a view of a detached ArrayBuffer": () => detachedView((buffer) => new Uint8Array(buffer)),
      "floats of a detached ArrayBuffer": [() => ({ a: detachedView((buffer) => new Float64Array(buffer)) }), "a"],
      "a DataView of a detached ArrayBuffer": () => detachedView((buffer) => new DataView(buffer)),
      "a view beyond a buffer that was made smaller": outOfBounds,
    }),
    ...refused("it would be no instance of its class any more", {
      "an instance of a subclass of Uint8Array": () => new (class Bytes extends Uint8Array {})([1]),
      "an instance of a subclass of Float32Array": [
        () => ({ a: new (class Floats extends Float32Array {})([1]) }),
        "a",
      ],
      "an instance of a subclass of ArrayBuffer": () => new (class Memory extends ArrayBuffer {})(8),
      "an ArrayBuffer with a field": () => Object.assign(new ArrayBuffer(1), { extra: 1 }),
    }),
  ],
};
