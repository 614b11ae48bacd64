import { array, buffer, defineComputeKernel, defineMessage, f32, i32, struct, u32, vec3f } from "@ringline/core";

const module = import.meta.url;

export const Sample = defineMessage("Sample", struct({ id: u32, group: i32, x: f32 }));
export const Measure = defineMessage("Measure", struct({ id: u32, group: i32, y: f32 }));

export const square = defineComputeKernel({
  id: "square",
  module,
  kind: "map",
  input: Sample,
  output: Measure,
  tolerance: 1e-6,
  host: ({ id, group, x }) => ({ id, group, y: x * x }),
  wgsl: "fn map(m: Sample) -> Measure { return Measure(m.id, m.group, m.x * m.x); }",
});

/** Passes on every third message. */
export const everyThird = defineComputeKernel({
  id: "everyThird",
  module,
  kind: "map",
  input: Measure,
  output: Measure,
  filter: true,
  host: (m) => (m.id % 3 === 0 ? m : null),
  wgsl: "fn map(m: Measure, out: ptr<function, Measure>) -> bool { *out = m; return m.id % 3u == 0u; }",
});

export const half = defineComputeKernel({
  id: "half",
  module,
  kind: "map",
  input: Measure,
  output: Measure,
  host: ({ id, group, y }) => ({ id, group, y: y / 2 }),
  wgsl: "fn map(m: Measure) -> Measure { return Measure(m.id, m.group, m.y / 2.0); }",
});

/** The sum of each of five groups so far: whole numbers, so that it is exact. */
export const running = defineComputeKernel({
  id: "running",
  module,
  kind: "map",
  input: Sample,
  output: Measure,
  state: { layout: struct({ sum: f32, count: u32 }), slots: 5, key: "group", checkpointEvery: 300 },
  host({ id, group, x }, state) {
    state.count += 1;
    state.sum += x;
    return { id: state.count, group: id | group, y: state.sum };
  },
  wgsl: `fn map(m: Sample, s: ptr<storage, State, read_write>) -> Measure {
    (*s).count += 1u;
    (*s).sum += m.x;
    return Measure((*s).count, i32(m.id) | m.group, (*s).sum);
  }`,
});

/** Returns in `y` the previous id of its group, and stores this one, which reveals the order of the messages. */
export const previous = defineComputeKernel({
  id: "previous",
  module,
  kind: "map",
  input: Measure,
  output: Measure,
  state: { layout: struct({ last: u32 }), slots: 4, key: "group" },
  host({ id, group }, state) {
    const y = state.last;
    state.last = id;
    return { id, group, y };
  },
  wgsl: `fn map(m: Measure, s: ptr<storage, State, read_write>) -> Measure {
    let y = f32((*s).last);
    (*s).last = m.id;
    return Measure(m.id, m.group, y);
  }`,
});

/** The same by another key: messages of one group come from several slots of it. */
export const byId = defineComputeKernel({
  id: "byId",
  module,
  kind: "map",
  input: Measure,
  output: Measure,
  state: { layout: struct({ count: u32 }), slots: 7, key: "id" },
  host(measure, state) {
    state.count += 1;
    return measure;
  },
  wgsl: `fn map(m: Measure, s: ptr<storage, State, read_write>) -> Measure {
    (*s).count += 1u;
    return m;
  }`,
});

/** Numbers its messages; `y` is the number of messages whose id was below that of the one before. */
export const ranked = defineComputeKernel({
  id: "ranked",
  module,
  kind: "map",
  input: Measure,
  output: Measure,
  state: { layout: struct({ last: u32, count: u32, inversions: u32 }), slots: 1, key: "id" },
  host({ id }, state) {
    if (id < state.last) state.inversions += 1;
    state.last = id;
    state.count += 1;
    return { id, group: state.count, y: state.inversions };
  },
  wgsl: `fn map(m: Measure, s: ptr<storage, State, read_write>) -> Measure {
    if (m.id < (*s).last) { (*s).inversions += 1u; }
    (*s).last = m.id;
    (*s).count += 1u;
    return Measure(m.id, i32((*s).count), f32((*s).inversions));
  }`,
});

const Body = struct({ at: vec3f, mass: f32, history: array(f32, 3), inner: struct({ n: u32, d: f32 }) });
export const Particle = defineMessage("Particle", Body);

/** Every kind of field, in and out. */
export const drift = defineComputeKernel({
  id: "drift",
  module,
  kind: "map",
  input: Particle,
  output: Particle,
  host: ({ at, mass, history, inner }) => ({
    at: [at[0] + 1, at[1] + 2, at[2] + 3],
    mass: mass * 2,
    history: Float32Array.of(at[0], history[0] as number, history[1] as number),
    inner: { n: inner.n + 1, d: -inner.d },
  }),
  wgsl: `fn map(m: Particle) -> Particle {
    var p = m;
    p.at += vec3f(1, 2, 3);
    p.mass *= 2;
    p.history = array(m.at.x, m.history[0], m.history[1]);
    p.inner.n += 1;
    p.inner.d = -m.inner.d;
    return p;
  }`,
});

export const Signal = defineMessage("Signal", struct({ values: buffer(f32), gain: f32 }));
export const Normal = defineMessage("Normal", struct({ values: buffer(f32) }));
export const Mean = defineMessage("Mean", struct({ mean: f32, count: u32 }));

/** Scales values to 0 to `gain`, by the least and the greatest value. */
export const normalise = defineComputeKernel({
  id: "normalise",
  module,
  kind: "program",
  input: Signal,
  output: Normal,
  tolerance: 1e-5,
  shape: (m) => ({ values: m.values.length }),
  scratch: { range: { of: f32, length: () => 2 } },
  host({ values, gain }, out) {
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const x of values) [min, max] = [Math.min(min, x), Math.max(max, x)];
    values.forEach((x, i) => {
      out.values[i] = ((x - min) / (max - min)) * gain;
    });
  },
  passes: [
    { entry: "find", elements: () => 1, workgroup: 1 },
    { entry: "scale", elements: (m) => m.values.length },
  ],
  wgsl: `fn find(i: u32) {
    range[0] = values[0];
    range[1] = values[0];
    for (var k = 0u; k < arrayLength(&values); k++) {
      range[0] = min(range[0], values[k]);
      range[1] = max(range[1], values[k]);
    }
  }
  fn scale(i: u32) { out_values[i] = (values[i] - range[0]) / (range[1] - range[0]) * params.gain; }`,
});

/** The mean of each value and its neighbours. */
export const smooth = defineComputeKernel({
  id: "smooth",
  module,
  kind: "program",
  input: Normal,
  output: Normal,
  tolerance: 1e-5,
  shape: (m) => ({ values: m.values.length }),
  host({ values }, out) {
    values.forEach((x, i) => {
      out.values[i] = ((values[i - 1] ?? x) + x + (values[i + 1] ?? x)) / 3;
    });
  },
  passes: [{ entry: "soften", elements: (m) => m.values.length }],
  wgsl: `fn soften(i: u32) {
    let left = values[max(i, 1u) - 1u];
    let right = values[min(i + 1u, arrayLength(&values) - 1u)];
    out_values[i] = (left + values[i] + right) / 3.0;
  }`,
});

/** A program whose output has no buffers. */
export const mean = defineComputeKernel({
  id: "mean",
  module,
  kind: "program",
  input: Normal,
  output: Mean,
  tolerance: 1e-5,
  shape: () => ({}),
  host: ({ values }) => ({ mean: values.reduce((sum, x) => sum + x, 0) / values.length, count: values.length }),
  passes: [{ entry: "add", elements: () => 1 }],
  wgsl: `fn add(i: u32) {
    var sum = 0.0;
    for (var k = 0u; k < arrayLength(&values); k++) { sum += values[k]; }
    result = Mean(sum / f32(arrayLength(&values)), arrayLength(&values));
  }`,
});

export const Pair = defineMessage("Pair", struct({ n: u32, i: i32 }));

/** Counts on, beyond the largest integers too. */
export const following = defineComputeKernel({
  id: "following",
  module,
  kind: "map",
  input: Pair,
  output: Pair,
  host: ({ n, i }) => ({ n: n + 1, i: i + 1 }),
  wgsl: "fn map(m: Pair) -> Pair { return Pair(m.n + 1u, m.i + 1); }",
});

export const Kept = defineMessage("Kept", struct({ kept: buffer(f32), points: buffer(vec3f), sum: f32, count: u32 }));

/** Keeps what is more than 2 in its place, and adds it up: of an empty array nothing is written at all. */
export const keeping = defineComputeKernel({
  id: "keeping",
  module,
  kind: "program",
  input: Normal,
  output: Kept,
  shape: ({ values }) => ({ kept: values.length + 1, points: values.length }),
  passes: [{ entry: "keep", elements: ({ values }) => values.length }],
  host({ values }, out) {
    let [sum, count] = [0, 0];
    for (const [i, x] of values.entries()) {
      if (x <= 2) continue;
      out.kept[i] = x;
      sum += x;
      count++;
    }
    return { sum, count };
  },
  wgsl: `fn keep(i: u32) {
    if (values[i] > 2.0) { kept[i] = values[i]; }
    if (i > 0u) { return; }
    for (var k = 0u; k < arrayLength(&values); k++) {
      if (values[k] > 2.0) { result.sum += values[k]; result.count += 1u; }
    }
    if (arrayLength(&points) != arrayLength(&values)) { result.count = 1000u; }
  }`,
});

export const Sized = defineMessage("Sized", struct({ values: buffer(f32), room: i32 }));

/** The first value, in an array that is as long as the message says. */
export const sized = defineComputeKernel({
  id: "sized",
  module,
  kind: "program",
  input: Sized,
  output: Normal,
  shape: ({ room }) => ({ values: room }),
  passes: [{ entry: "first", elements: () => 1 }],
  host({ values }, out) {
    out.values[0] = values[0] as number;
  },
  wgsl: "fn first(i: u32) { out_values[0] = values[0]; }",
});

export const Numbers = defineMessage("Numbers", struct({ numbers: buffer(u32) }));
export const Sums = defineMessage("Sums", struct({ sums: buffer(u32) }));

/**
 * Each number with all before it: every time it is done, a pass adds what lies twice as far off, from one half to the
 * other.
 */
export const scan = defineComputeKernel({
  id: "scan",
  module,
  kind: "program",
  input: Numbers,
  output: Sums,
  shape: ({ numbers }) => ({ sums: numbers.length }),
  scratch: { halves: { of: u32, length: ({ numbers }) => 2 * numbers.length } },
  passes: [
    { entry: "begin", elements: ({ numbers }) => numbers.length },
    {
      entry: "add",
      elements: ({ numbers }) => numbers.length,
      repeat: ({ numbers }) => Math.ceil(Math.log2(Math.max(1, numbers.length))),
    },
    { entry: "finish", elements: ({ numbers }) => numbers.length },
  ],
  host({ numbers }, out) {
    let sum = 0;
    for (const [i, n] of numbers.entries()) {
      sum += n;
      out.sums[i] = sum;
    }
  },
  wgsl: `fn begin(i: u32) { halves[i] = numbers[i]; }
  fn add(i: u32, step: u32) {
    let n = arrayLength(&numbers);
    let read = (step & 1u) * n;
    var sum = halves[read + i];
    if (i >= (1u << step)) { sum += halves[read + i - (1u << step)]; }
    halves[n - read + i] = sum;
  }
  fn finish(i: u32) {
    let n = arrayLength(&numbers);
    let steps = 32u - countLeadingZeros(n - 1u);
    sums[i] = halves[(steps & 1u) * n + i];
  }`,
});
