import { converted, equal, refused, type ValueGroup } from "./kind.js";

class Point {
  x = 1;
}
const shared = { n: 1 };
const circle = () => {
  const self: Record<string, unknown> = { n: 1 };
  self["self"] = self;
  return self;
};
const deep = (levels: number, wrap: (value: unknown) => unknown) => {
  let value: unknown = wrap(undefined);
  for (let i = 0; i < levels; i++) value = wrap(value);
  return value;
};

export const objects: ValueGroup = {
  title: "Objects",
  kinds: [
    ...equal({
      "an empty object": () => ({}),
      "an object": () => ({ a: 1, b: "two" }),
      "an object with many fields": () => Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, i])),
      "a field that is undefined": () => ({ a: undefined }),
      "names that are numbers": () => ({ 10: "ten", 2: "two", b: 1 }),
      "an empty name": () => ({ "": 1 }),
      "a name beyond Latin": () => ({ "größe 🦀": 1 }),
      "a long name": () => ({ ["n".repeat(1000)]: 1 }),
      "a name with a lone surrogate": () => ({ "cut \ud83d": 1 }),
      "a field called __proto__": () => JSON.parse('{"__proto__": {"a": 1}}'),
      "a field called constructor": () => ({ constructor: "x" }),
      "a field called toString": () => ({ toString: "x" }),
      "a field called hasOwnProperty": () => ({ hasOwnProperty: 1 }),
      "a field called length": () => ({ length: 3 }),
      "fields called as those of a header": () => ({ type: "x", messageId: 1, priority: 2 }),
      "an object without prototype": () => Object.assign(Object.create(null), { a: 1 }),
      "an empty object without prototype": () => Object.create(null),
      "a frozen object": () => Object.freeze({ a: [1] }),
      "a getter": () => ({
        get a() {
          return 1;
        },
      }),
      "objects that look alike": () =>
        Array.from({ length: 100 }, (_, id) => ({ id, name: `name ${id}`, tags: ["a"] })),
      "objects that look alike in part": () => [{ a: 1, b: 2 }, { a: 1 }, { b: 2, a: 1 }, { a: 1, b: 2, c: 3 }],
      "the same object twice": () => ({ a: shared, b: shared, list: [shared] }),
      "an object that holds itself": circle,
      "two objects that hold each other": () => {
        const one: Record<string, unknown> = {};
        one["other"] = { one };
        return one;
      },
      "1,000 levels of objects": () => deep(1000, (inner) => ({ inner })),
    }),
    converted(
      "a Proxy",
      "as what it shows",
      () => new Proxy({ a: 1 }, {}),
      (proxy) => ({ ...proxy }),
    ),
    converted(
      "fields that a loop does not see",
      "without them",
      () => Object.defineProperty({ a: 1 }, "hidden", { value: 2 }),
      ({ a }) => ({ a }),
    ),
    ...refused("instances of classes would be none any more", {
      "an instance of a class": () => new Point(),
      "an instance in a list": [() => [1, new Point()], "1"],
      "an object with another object for its prototype": () => Object.create({ a: 1 }),
      "an iterator": () => [1][Symbol.iterator](),
      "a generator": () => (function* () {})(),
      "a Promise": () => Promise.resolve(),
      "a WeakMap": () => new WeakMap(),
      "a WeakSet": () => new WeakSet(),
      "a WeakRef": () => new WeakRef({}),
      "a boxed number": () => new Number(5),
      "a boxed text": () => new String("a"),
      "a boxed boolean": () => new Boolean(false),
      "a boxed bigint": () => Object(1n),
      "a boxed symbol": () => Object(Symbol("no")),
    }),
    ...refused("some of it cannot be read, or would be lost", {
      "a field called constructor that is a class": [() => ({ constructor: Date }), "constructor"],
      "a field named by a symbol": () => ({ a: 1, [Symbol("no")]: 2 }),
      "a getter that throws": [
        () => ({
          get a() {
            throw new Error("no");
          },
        }),
        "a",
      ],
      "a Proxy that throws": () =>
        new Proxy(
          {},
          {
            ownKeys() {
              throw new Error("no");
            },
          },
        ),
      "a revoked Proxy": () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
      "the arguments of a function": () =>
        (function () {
          // biome-ignore lint/complexity/noArguments: they are what is sent
          return arguments;
        })(),
      Math: () => Math,
      JSON: () => JSON,
      "the global object": () => globalThis,
    }),
  ],
};

/** Too deep for a comparison that calls itself: each has its own. */
export const nested = {
  list: (levels: number) => deep(levels, (inner) => (inner === undefined ? [] : [inner])),
  object: (levels: number) => deep(levels, (inner) => ({ inner })),
  map: (levels: number) => deep(levels, (inner) => new Map([["inner", inner]])),
  error: (levels: number) => deep(levels, (inner) => new Error("deep", { cause: inner })),
};
