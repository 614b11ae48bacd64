import { body, defineMessage } from "@ringline/core";
import { type AnyMessage, systemClock } from "@ringline/core/internal";
import { Channel, RUNTIME } from "@ringline/remote";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FRESH, handleItems, Items, type Listener } from "../src/wire/items.js";
import { ReliableLink } from "../src/wire/reliable-link.js";

type Told = readonly unknown[];

/** Returns the items of a frame, one by one. */
function toldIn(bytes: Uint8Array, message: Listener["message"] = () => {}): Told[] {
  const all: Told[] = [];
  handleItems(bytes, {
    control: (control) => all.push(["control", control]),
    message: (item, ...rest) => {
      all.push(["message", item, rest[2], rest[3]]);
      message(item, ...rest);
    },
    took: (unit, key) => all.push(["took", unit, key]),
    did: (unit, from, to) => all.push(["did", unit, from, to]),
  });
  return all;
}

function written(items: Items): Uint8Array {
  let bytes = new Uint8Array();
  items.take((written) => {
    bytes = written.slice();
  });
  return bytes;
}

const channel = () =>
  new Channel({ end: RUNTIME, clock: systemClock, isClosed: false, send() {}, ended: () => new Error("ended") });
const Step = defineMessage("Step", body<{ n: number }>());

/** Reports of a host about its kernels, one after the other. */
const told = fc.array(
  fc.record({
    unit: fc.integer({ min: 1, max: 2 }),
    key: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(2 ** 40)),
    k: fc.constantFrom("took", "done", "both", "both", "other"),
  }),
);

describe("what kernels did", () => {
  test("is heard as it was told, also in ranges", () => {
    fc.assert(
      fc.property(told, (all) => {
        const items = new Items();
        const expected: Told[] = [];
        let taken: string | undefined;
        for (const { unit, key, k } of all) {
          if (k === "took" || k === "both") {
            items.took(unit, key);
            expected.push(["took", unit, key]);
            taken = `${unit}:${key}`;
          }
          if (k === "done" || k === "both") {
            items.didOne(unit, key);
            // what was taken last and is done is told as that alone
            if (taken === `${unit}:${key}`) expected.pop();
            expected.push(["did", unit, key, key]);
            taken = undefined;
          }
          if (k === "other") {
            items.control({ k });
            expected.push(["control", { k }]);
            taken = undefined;
          }
        }
        expect(toldIn(written(items)).flatMap(oneByOne)).toEqual(expected);
      }),
    );
  });

  test("takes one record where it was one by one", () => {
    const items = new Items();
    for (let key = 5; key < 500; key++) {
      items.took(7, key);
      items.didOne(7, key);
    }
    items.took(7, 500);
    expect(toldIn(written(items))).toEqual([
      ["did", 7, 5, 499],
      ["took", 7, 500],
    ]);
  });
});

function oneByOne(told: Told): Told[] {
  const [k, unit, from, to] = told as [string, number, number, number];
  if (k !== "did") return [told];
  return Array.from({ length: to - from + 1 }, (_, i) => ["did", unit, from + i, from + i]);
}

describe("frames", () => {
  test("hold messages and controls in the order in which they were told", () => {
    const [items, from] = [new Items(), channel()];
    items.message({ unit: 1, key: 2, how: FRESH, attempts: 0 }, from.encode(Step({ n: 1 }) as never));
    items.control({ k: "gate", unit: 1 });
    items.message({ unit: 1, key: 3, how: FRESH, attempts: 300 }, from.encode(Step({ n: 2 }) as never));
    const bodies: unknown[] = [];
    const all = toldIn(written(items), (_, ...bytes) => {
      const to = channel();
      to.handle({ k: "shapes", list: [{ id: 0, type: "Step", keys: ["n"] }] });
      bodies.push({ ...to.decode(...bytes) });
    });
    expect(all.map(([k]) => k)).toEqual(["message", "control", "message"]);
    expect(all[2]?.[1]).toEqual({ unit: 1, key: 3, how: FRESH, attempts: 300 });
    expect(bodies).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("are as before where something cannot be written", () => {
    const items = new Items();
    items.control({ k: "a" });
    expect(() => items.control({ k: "b", value: () => {} })).toThrow();
    items.control({ k: "c" });
    expect(toldIn(written(items))).toEqual([
      ["control", { k: "a" }],
      ["control", { k: "c" }],
    ]);
  });

  test("that are cut, or changed, are refused or tell something else", () => {
    const items = new Items();
    const fill = (n: number) => {
      items.control({ k: "checkpoint", state: { n } });
      items.message({ unit: 1, key: n, how: FRESH, attempts: 0 }, channel().encode(Step({ n }) as never));
      items.didOne(1, n);
    };
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(255), (n, at, byte) => {
        fill(n);
        const bytes = written(items);
        expect(() => toldIn(bytes.subarray(0, bytes.length - 1))).toThrow();
        bytes[at % bytes.length] = byte;
        const to = channel();
        const read = (_: unknown, ...given: Parameters<Channel["decode"]>): AnyMessage => to.decode(...given);
        try {
          toldIn(bytes, read);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  test("end their line where they cannot be read", () => {
    let frame: Uint8Array = new Uint8Array();
    const lost: string[] = [];
    const listener: Listener = { control() {}, message() {}, took() {}, did() {} };
    const line = (publish: (bytes: Uint8Array) => void) =>
      new ReliableLink({ id: 1, publish, listener, lost: (reason) => lost.push(reason), limit: 1024 });
    const from = line((bytes) => {
      frame = bytes;
    });
    from.send({ k: "gate", unit: 1 });
    from.flush();
    frame[16] = 0xff;
    line(() => {}).receive(frame);
    expect(lost).toHaveLength(1);
  });
});
