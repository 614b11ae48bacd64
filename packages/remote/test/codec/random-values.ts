const NAMES = ["a", "b", "c", "id", "name", "length", "7", "0", "constructor", "toString", "then", "\ud83d", "schön"];
const TEXTS = ["", "a", "some text", "ü".repeat(40), "\ud800 alone", "x".repeat(64), "x".repeat(63), "😀", "\0"];
const NUMBERS = [0, -0, 1, 127, 128, -1, 2 ** 31, -(2 ** 31), 2 ** 53, 0.1, Number.NaN, Infinity, -Infinity, 5e-324];
const BIGINTS = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 100n)];
// biome-ignore format: a list
const TYPED = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array,
  BigInt64Array, BigUint64Array,
] as const;
const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError] as const;
const DEEPEST = 5;

/** Values of all kinds from a seed, nested, with parts that stand in several places; `kinds`: how often each was made. */
export function randomValues(seed: number) {
  let state = seed | 0;
  /** Mulberry32: a whole number below `end`. */
  const below = (end: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  };
  const one = <T>(of: readonly T[]) => of[below(of.length)] as T;
  const list = <T>(most: number, make: () => T) => Array.from({ length: below(most + 1) }, make);
  /** Objects of the value at hand that are complete, and may stand in it again. */
  let made: object[] = [];
  let depth = 0;

  const bytes = () => Uint8Array.from(list(20, () => below(256)));
  const withFields = <T extends object>(object: T): T => {
    // not what the object has already: a list's length, an error's stack
    for (let left = below(4); left > 0; left--) {
      const name = one(NAMES);
      if (!(name in object) || name === "toString" || name === "constructor")
        (object as Record<string, unknown>)[name] = value();
    }
    return object;
  };
  const circle = () => {
    const object: Record<string, unknown> = { value: value() };
    object["self"] = one([object, [object], new Map([[1, object]])]);
    return object;
  };
  const makers: readonly (() => unknown)[] = [
    () => one([null, undefined, true, false]),
    () => one(NUMBERS),
    () => below(1000) - 500,
    () => one(TEXTS),
    () => String.fromCharCode(...list(70, () => below(128))),
    () => one(BIGINTS),
    () => (made.length > 0 ? one(made) : {}),
    () => new Date(one([0, -1, 8.64e15, 1.7e12])),
    () => Object.assign(new RegExp(one(["a+", "[b-c]", "\\d"]), one(["", "g", "iu"])), { lastIndex: below(5) }),
    () =>
      new (one(TYPED) as Uint8ArrayConstructor)(new Uint8Array(16).map(() => below(256)).buffer.slice(0, 8 * below(3))),
    () => Float64Array.from(list(80, () => one(NUMBERS))),
    () => bytes(),
    () => Buffer.from(bytes()),
    () => new Uint8Array(16).fill(below(256)).subarray(below(4), 4 + below(12)),
    () => bytes().buffer,
    () => new DataView(new Uint8Array(8).fill(below(256)).buffer, below(4), below(4)),
    () => withFields({}),
    () => withFields({ __proto__: null }),
    () =>
      Object.defineProperty({}, "__proto__", { value: value(), enumerable: true, configurable: true, writable: true }),
    () => Object.fromEntries(list(30, () => [`field ${below(99)}`, below(9)])),
    () => list(5, () => ({ id: below(300), name: one(TEXTS), more: value() })),
    () => list(5, value),
    () => list(20, () => one(NUMBERS)),
    () => list(20, () => below(1000)),
    () => {
      const sparse = withFields(list(4, value));
      delete sparse[below(sparse.length + 1)];
      return sparse;
    },
    () => new Map(list(4, () => [value(), value()] as const)),
    () => new Set(list(4, value)),
    () => withFields(new (one(ERRORS))(one(TEXTS), below(2) === 0 ? {} : { cause: value() })),
    circle,
  ];
  const kinds = makers.map(() => 0);
  /** Below the deepest level only the first kinds, which hold no others. */
  const value = (): unknown => {
    const kind = below(depth < DEEPEST ? makers.length : 16);
    kinds[kind] = (kinds[kind] as number) + 1;
    depth++;
    const result = (makers[kind] as () => unknown)();
    depth--;
    if (typeof result === "object" && result !== null) made.push(result);
    return result;
  };
  return {
    kinds: kinds as readonly number[],
    value: () => {
      made = [];
      return value();
    },
  };
}
