import type { UnifiedBuffer } from "@ringline/core";
import type { BrokenBackend } from "./broken-backend.js";
import { type DeviceFaults, memoryDevice } from "./memory-device.js";

const ONE_FOR_EACH = "compute: a map gives one output for each input, in order, caused by it";
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
    () => ({
      made(made) {
        for (const one of made) {
          if (one === undefined || !("sums" in one)) continue;
          const { sums } = one as { readonly sums: UnifiedBuffer<Uint32Array> };
          if (sums.length > 2) sums.write([0], sums.length - 1);
        }
        return made;
      },
    }),
  ),
];
