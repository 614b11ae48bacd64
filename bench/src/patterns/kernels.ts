import {
  array,
  body,
  buffer,
  defineComputeKernel,
  defineKernel,
  defineMessage,
  f32,
  struct,
  u32,
} from "@ringline/core";
import { Large, Medium, Small } from "./payloads.js";
import { grind } from "./work.js";

const nothing = () => {};
const busy = (microseconds: number) => (n: number) => grind(n, microseconds);
/** Slower than any stage before it. */
const slow = busy(200);
/** One message in ten. */
const failing = (n: number) => {
  if (n % 10 === 9) throw new RangeError(`message ${n} is one that fails`);
};

function smallStage(id: string, work: (n: number) => unknown) {
  return defineKernel({
    id,
    module: import.meta.url,
    input: Small,
    output: Small,
    handle({ n, slot, values }) {
      work(n);
      return Small({ n, slot, values });
    },
  });
}

function mediumStage(id: string, work: (n: number) => unknown) {
  return defineKernel({
    id,
    module: import.meta.url,
    input: Medium,
    output: Medium,
    handle({ n, name, note, tags, readings, labels }) {
      work(n);
      return Medium({ n, name, note, tags, readings, labels });
    },
  });
}

function largeStage(id: string, work: (n: number) => unknown) {
  return defineKernel({
    id,
    module: import.meta.url,
    input: Large,
    output: Large,
    handle({ n, values }) {
      work(n);
      return Large({ n, values });
    },
  });
}

export const smallNone = smallStage("small-none", nothing);
export const smallShort = smallStage("small-short", busy(5));
export const smallBusy = smallStage("small-busy", busy(50));
export const smallLong = smallStage("small-long", busy(500));
export const smallSlow = smallStage("small-slow", slow);
export const smallFailing = smallStage("small-failing", failing);
export const mediumNone = mediumStage("medium-none", nothing);
export const mediumShort = mediumStage("medium-short", busy(5));
export const mediumBusy = mediumStage("medium-busy", busy(50));
export const mediumLong = mediumStage("medium-long", busy(500));
export const mediumSlow = mediumStage("medium-slow", slow);
export const mediumFailing = mediumStage("medium-failing", failing);
export const largeNone = largeStage("large-none", nothing);
export const largeShort = largeStage("large-short", busy(5));
export const largeBusy = largeStage("large-busy", busy(50));
export const largeLong = largeStage("large-long", busy(500));
export const largeSlow = largeStage("large-slow", slow);
export const largeFailing = largeStage("large-failing", failing);

export const smallData = defineComputeKernel({
  id: "small-data",
  module: import.meta.url,
  kind: "map",
  input: Small,
  output: Small,
  host: ({ n, slot, values }) => ({ n, slot, values: values.map((value) => 1.0001 * value + 0.5) }),
  wgsl: `fn map(m: Small) -> Small {
    var out = m;
    for (var i = 0u; i < 14u; i++) { out.values[i] = 1.0001 * m.values[i] + 0.5; }
    return out;
  }`,
});

export const mediumData = defineKernel({
  id: "medium-data",
  module: import.meta.url,
  input: Medium,
  output: Medium,
  handle: ({ n, name, note, tags, readings, labels }) =>
    Medium({ n, name, note, tags, labels, readings: readings.map((value) => 1.0001 * value + 0.5) }),
});

export const largeData = defineComputeKernel({
  id: "large-data",
  module: import.meta.url,
  kind: "program",
  input: Large,
  output: Large,
  shape: (m) => ({ values: m.values.length }),
  passes: [{ entry: "work", elements: (m) => m.values.length }],
  host({ n, values }, out) {
    for (let i = 0; i < values.length; i++) out.values[i] = 1.0001 * (values[i] as number) + 0.5;
    return { n };
  },
  wgsl: `fn work(i: u32) {
    out_values[i] = 1.0001 * values[i] + 0.5;
    if (i == 0u) { result.n = params.n; }
  }`,
});

/** Result of the join of two branches. */
export const SmallPair = defineMessage("SmallPair", struct({ n: u32, b: array(f32, 14), c: array(f32, 14) }));
export const MediumPair = defineMessage(
  "MediumPair",
  body<{
    n: number;
    name: string;
    note: string;
    tags: readonly string[];
    labels: Readonly<Record<string, string>>;
    b: readonly number[];
    c: readonly number[];
  }>(),
);
export const LargePair = defineMessage("LargePair", struct({ n: u32, b: buffer(f32), c: buffer(f32) }));

export const smallJoined = defineKernel({
  id: "small-joined",
  module: import.meta.url,
  input: SmallPair,
  output: Small,
  handle: ({ n, b }) => Small({ n, slot: 0, values: b }),
});

export const mediumJoined = defineKernel({
  id: "medium-joined",
  module: import.meta.url,
  input: MediumPair,
  output: Medium,
  handle: ({ n, name, note, tags, labels, b }) => Medium({ n, name, note, tags, labels, readings: b }),
});

export const largeJoined = defineKernel({
  id: "large-joined",
  module: import.meta.url,
  input: LargePair,
  output: Large,
  handle: ({ n, b }) => Large({ n, values: b }),
});
