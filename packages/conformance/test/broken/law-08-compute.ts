import { type UnifiedBuffer, unifiedBuffer } from "@ringline/core";
import { SharedBuffer } from "@ringline/core/internal";
import type { BrokenBackend } from "./broken-backend.js";
import { type DeviceFaults, memoryDevice } from "./memory-device.js";

const ONE_FOR_EACH = "compute: a map gives one output for each input, in order, caused by it";
const IN_PLACE =
  "compute: each run of a pass gets its uniforms, and an array is updated in place while the input stays as it is";
const COUNTED =
  "compute: an output is as long as its counter says, and a message that counts beyond its capacity fails alone";
const SLOTS = "compute: the messages of a slot reach its state in order, across batches";

const device = (name: string, does: string, caughtBy: string, faults: () => DeviceFaults): BrokenBackend => ({
  name,
  law: 8,
  does,
  caughtBy,
  create: () => memoryDevice(faults()),
});

const zeros = (one: object | undefined) =>
  one && Object.fromEntries(Object.entries(one).map(([name, value]) => [name, typeof value === "number" ? 0 : value]));

/** Spoils an array of the outputs that have one of that name. */
const spoiled = (
  name: string,
  spoil: (array: UnifiedBuffer<Uint32Array>, read: Uint32Array) => void,
): DeviceFaults => ({
  made(made) {
    for (const one of made as readonly (Readonly<Record<string, unknown>> | undefined)[]) {
      const array = one?.[name];
      if (array instanceof SharedBuffer) {
        const { bytes } = array;
        spoil(array as UnifiedBuffer<Uint32Array>, new Uint32Array(bytes.buffer, bytes.byteOffset, array.length));
      }
    }
    return made;
  },
});

/** Devices that do wrong what they do with batches. */
export const law08Compute: readonly BrokenBackend[] = [
  device("a device that loses a lane", "gives no output for one message in a thousand", ONE_FOR_EACH, () => {
    let count = 0;
    return { made: (made) => made.map((one) => (++count % 1000 === 0 ? undefined : one)) };
  }),
  device(
    "a device that swaps two",
    "gives the first two outputs of a batch to each other's inputs",
    ONE_FOR_EACH,
    () => ({
      made: ([first, second, ...rest]) => (second === undefined ? [first] : [second, first, ...rest]),
    }),
  ),
  device(
    "a device that answers zeros",
    "gives zeros from the third batch on, as one does that is lost",
    ONE_FOR_EACH,
    () => ({
      made: (made, _, batch) => (batch < 2 ? made : made.map(zeros)),
    }),
  ),
  device(
    "a device that repeats a batch",
    "gives the outputs of the batch before where a batch is as long",
    ONE_FOR_EACH,
    () => {
      let last: readonly (object | undefined)[] = [];
      return {
        made(made) {
          const given = last.length === made.length ? last : made;
          last = made;
          return given;
        },
      };
    },
  ),
  device(
    "a device that ignores filters",
    "lets through what a filter keeps back",
    "compute: a filter lets nothing through that it should not, and answers NO_REPLY for the rest",
    () => ({ made: (made, taken) => made.map((one, place) => one ?? taken[place]) }),
  ),
  device("a device without order", "lets lanes take the messages of a slot in any order", SLOTS, () => ({
    order: (places) => [...places].reverse(),
  })),
  device("a device that forgets", "begins each batch with a state of zeros", SLOTS, () => ({
    home: () => ({ checkpoint: async () => {} }),
  })),
  device(
    "a device with one state",
    "lets all kernels use the same resident state",
    "compute: each copy of a kernel has a state of its own",
    () => {
      let first: object | undefined;
      return {
        home(own) {
          first ??= own;
          return first;
        },
      };
    },
  ),
  device(
    "a device that misplaces",
    "puts the parts of vectors and arrays one place on",
    "compute: vectors, arrays and inner structs go there and come back",
    () => ({
      made: (made) =>
        made.map((one) => {
          const moved = (value: unknown) => (Array.isArray(value) ? [value.at(-1), ...value.slice(0, -1)] : value);
          return one && Object.fromEntries(Object.entries(one).map(([name, value]) => [name, moved(value)]));
        }),
    }),
  ),
  device(
    "a ring that is not first in, first out",
    "hands on in any order what a filter in a chain keeps",
    "compute: a state behind a filter is given messages in order",
    () => ({ order: (places, stage) => (stage === 0 ? places : [...places].reverse()) }),
  ),
  device(
    "a device that clamps integers",
    "gives the largest integer where one wraps around",
    "compute: integers wrap around",
    () => ({
      made: (made) =>
        made.map((one) => (one !== undefined && "n" in one && one.n === 0 ? { ...one, n: 2 ** 32 - 1 } : one)),
    }),
  ),
  device(
    "a device that shows old memory",
    "gives what the message before gave where nothing was written",
    "compute: what no pass writes is zero, and an empty array has no elements",
    () => {
      let last = 0;
      return {
        made: (made) =>
          made.map((one) => {
            if (one === undefined || !("sum" in one)) return one;
            const sum = one.sum === 0 ? last : (one.sum as number);
            last = sum;
            return { ...one, sum };
          }),
      };
    },
  ),
  device(
    "a device that fails a batch for one",
    "fails all messages of a batch with what one of them failed with",
    "compute: a message whose sizes are none fails, and no other with it",
    () => ({ failsTogether: true }),
  ),
  device(
    "a device that stops early",
    "does not do a pass as often as it should",
    "compute: a pass is done as often as the message says, and is told which time it is",
    () => spoiled("sums", (sums) => sums.length > 2 && sums.write([0], sums.length - 1)),
  ),
  device(
    "a device whose runs get the same uniforms",
    "gives each run of a pass the uniforms of the first",
    IN_PLACE,
    () => spoiled("values", (values) => values.length > 2 && values.write([9999], 1)),
  ),
  device("a device that updates the input", "updates an array in place that others may still read", IN_PLACE, () => ({
    made(made, taken) {
      for (const one of taken as readonly ({ readonly values?: SharedBuffer } | undefined)[]) {
        one?.values?.bytes.fill(1);
      }
      return made;
    },
  })),
  device(
    "a device that gives the whole capacity",
    "leaves an array as long as its capacity, whatever was counted",
    COUNTED,
    () => ({
      made: (made) =>
        made.map((one) => {
          if (one === undefined || !("found" in one)) return one;
          const { found } = one as { readonly found: UnifiedBuffer<Uint32Array> };
          return { ...one, found: unifiedBuffer(Uint32Array, found.length + 1) };
        }),
    }),
  ),
  device(
    "a device that fails its neighbours on overflow",
    "fails a batch in which one message counts beyond its capacity",
    COUNTED,
    () => ({ failsTogether: true }),
  ),
  device(
    "a device without atomics",
    "loses a count where two lanes count at once",
    "compute: atomics and the memory of workgroups count exactly",
    () => spoiled("bins", (bins, read) => bins.write([Math.max(0, (read[0] as number) - 1)])),
  ),
  device(
    "a device with one dimension",
    "reaches the first row of each layer only",
    "compute: passes in two and three dimensions reach each place once",
    () => spoiled("cells", (cells) => cells.length > 2 && cells.write([0], cells.length - 1)),
  ),
  device(
    "a device that leaves a loop early",
    "ends a loop before its counter is 0",
    "compute: a loop runs until its counter stays 0, and a pass for as many elements as a counter says",
    () => spoiled("distances", (distances) => distances.length > 10 && distances.write([0], distances.length - 6)),
  ),
  device(
    "a device with one lookup array",
    "reads each lookup array at the same address",
    "compute: a map reads its lookup arrays",
    () => ({ made: (made) => made.map((one) => (one !== undefined && "share" in one ? { ...one, share: 10 } : one)) }),
  ),
  device(
    "a device with one output for each input",
    "gives the first of several outputs only",
    "compute: a map gives several outputs in order, or none, and too many fail their message alone",
    () => ({ made: (made) => made.map((one) => (Array.isArray(one) ? one.slice(0, 1) : one)) }),
  ),
  device(
    "a device that ignores constants",
    "runs with the values that the text gives to its constants",
    "compute: constants of the text have the values of the definition",
    () => spoiled("values", (values, read) => values.write(read.map((n) => n / 2))),
  ),
  device(
    "a device whose other body differs",
    "adds up a subgroup less than there are",
    "compute: a kernel whose device lacks a feature runs another body",
    () => ({ made: (made) => made.map((one) => (one !== undefined && "total" in one ? { total: 0 } : one)) }),
  ),
];
