import { equal, refused, type ValueGroup } from "./kind.js";

class List extends Array {}
class Dictionary extends Map {}
class Group extends Set {}
const holed = () => {
  const list = [1, 2, 3];
  delete list[1];
  return list;
};
const sparse = (length: number) => {
  const list: unknown[] = [];
  list[length - 1] = "last";
  return list;
};

export const collections: ValueGroup = {
  title: "Arrays, Map and Set",
  kinds: [
    ...equal({
      "an empty array": () => [],
      "an array": () => [1, "two", null, undefined, [3]],
      "an array of whole numbers": () => Array.from({ length: 1000 }, (_, i) => i),
      "an array of fractions": () => Array.from({ length: 1000 }, (_, i) => i / 7),
      "an array of -0, NaN and Infinity": () =>
        Array.from({ length: 30 }, (_, i) => [-0, Number.NaN, -1 / 0, 1][i % 4]),
      "an array of numbers beyond 32 bits": () => Array.from({ length: 20 }, (_, i) => i * 2 ** 30),
      "an array of texts": () => ["a", "", "ü"],
      "an array of 20,000 objects": () => Array.from({ length: 20_000 }, (_, i) => ({ i })),
      "an array of 100,000 numbers": () => Array.from({ length: 100_000 }, (_, i) => i),
      "an array with a hole": holed,
      "an array with undefined in place of a hole": () => [1, undefined, 3],
      "an array of holes": () => new Array(5),
      "a long array with holes": () =>
        Object.assign(
          Array.from({ length: 20_000 }, () => 1),
          { length: 20_010 },
        ),
      "an array with one element far out": () => sparse(4_000_000),
      "an array of length 1,000,000,000": () => sparse(1_000_000_000),
      "the longest array": () => new Array(2 ** 32 - 1),
      "an array with a field": () => Object.assign([1, 2], { extra: { a: 1 } }),
      "an array with a hole and a field": () => Object.assign(holed(), { extra: 1 }),
      "what match() gives": () => "2026-11-30".match(/(?<year>\d+)-(\d+)/),
      "a frozen array": () => Object.freeze([1, 2]),
      "an array that holds itself": () => {
        const list: unknown[] = [];
        list.push(list);
        return list;
      },
      "an empty Map": () => new Map(),
      "a Map": () =>
        new Map<unknown, unknown>([
          ["a", 1],
          [2, { b: [3] }],
          [{ key: true }, new Map()],
        ]),
      "a Map with keys of any kind": () =>
        new Map<unknown, unknown>([
          [Number.NaN, 1],
          [undefined, 2],
          [null, 3],
          [1n, 4],
          ["\ud83d", 5],
        ]),
      "a Map that is a key of itself": () => {
        const map = new Map<unknown, unknown>();
        return map.set(map, map);
      },
      "an empty Set": () => new Set(),
      "a Set": () => new Set<unknown>(["x", 1, null]),
      "a Set of objects": () => new Set([{ a: 1 }, { a: 1 }]),
      "a Set that holds itself": () => {
        const set = new Set<unknown>();
        return set.add(set);
      },
    }),
    ...refused("it would be no instance of its class any more", {
      "an instance of a subclass of Array": () => List.from([1]),
      "an instance of a subclass of Map": () => new Dictionary(),
      "an instance of a subclass of Set": () => new Group(),
    }),
    ...refused("its own fields would be lost", {
      "a Map with a field": () => Object.assign(new Map(), { extra: 1 }),
      "a Set with a field": () => Object.assign(new Set(), { extra: 1 }),
      "an array with a field named by a symbol": () => Object.assign([1], { [Symbol("no")]: 1 }),
      "what only looks like a Map": () => Object.create(Map.prototype),
      "a Proxy of a Map": () => new Proxy(new Map(), {}),
    }),
  ],
};
