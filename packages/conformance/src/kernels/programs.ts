import { atomic, buffer, defineComputeKernel, defineMessage, f16, f32, struct, u32, vec2u } from "@ringline/core";

const module = import.meta.url;

export const Sequence = defineMessage("Sequence", struct({ values: buffer(u32) }));
export const Found = defineMessage("Found", struct({ found: buffer(u32), sum: u32 }));
export const Bins = defineMessage("Bins", struct({ bins: buffer(atomic(u32)) }));
export const Grid = defineMessage("Grid", struct({ cells: buffer(f32), wide: u32, high: u32, deep: u32 }));
export const Cells = defineMessage("Cells", struct({ cells: buffer(f32), places: buffer(vec2u) }));
export const Edges = defineMessage("Edges", struct({ starts: buffer(u32), targets: buffer(u32) }));
export const Distances = defineMessage("Distances", struct({ distances: buffer(atomic(u32)), rounds: u32 }));

/**
 * Sorts in place by a network: each run of the pass gets the size of the sorted parts and the distance of the pairs.
 */
export const sorted = defineComputeKernel({
  id: "sorted",
  module,
  kind: "program",
  input: Sequence,
  output: Sequence,
  update: ["values"],
  uniforms: struct({ size: u32, pair: vec2u }),
  shape: () => ({}),
  passes: [
    {
      entry: "exchange",
      elements: ({ values }) => values.length,
      repeat: ({ values }) => network(values.length).length,
      uniforms: ({ values }, step) => network(values.length)[step] as { size: number; pair: [number, number] },
    },
  ],
  host(_, { values }) {
    values.sort();
  },
  wgsl: `fn exchange(i: u32) {
    // the first step of a part pairs each element with its mirror image, so that any length works
    let other = select(i ^ uniforms.pair.x, i ^ (uniforms.size - 1u), uniforms.pair.y == 1u);
    if (other <= i || other >= arrayLength(&values)) { return; }
    if (values[i] > values[other]) {
      let value = values[i];
      values[i] = values[other];
      values[other] = value;
    }
  }`,
});

/** Steps of the network for `count` elements. */
function network(count: number): { size: number; pair: [distance: number, isFirst: number] }[] {
  const steps: { size: number; pair: [number, number] }[] = [];
  for (let size = 2; size < 2 * count; size *= 2) {
    for (let distance = size / 2; distance >= 1; distance /= 2) {
      steps.push({ size, pair: [distance, Number(distance === size / 2)] });
    }
  }
  return steps;
}

/** Values above 9, in any order; there is capacity for half of the values. */
export const above = defineComputeKernel({
  id: "above",
  module,
  kind: "program",
  input: Sequence,
  output: Found,
  counters: ["found", "sum"],
  shape: ({ values }) => ({ found: Math.ceil(values.length / 2) }),
  passes: [
    { entry: "find", elements: ({ values }) => values.length },
    { entry: "finish", elements: () => 1 },
  ],
  host({ values }, out) {
    const found = values.filter((value) => value > 9);
    out.found.set(found.subarray(0, out.found.length));
    return { found: found.length, sum: found.reduce((sum, value) => sum + value, 0) };
  },
  wgsl: `fn find(i: u32) {
    if (values[i] <= 9u) { return; }
    append_found(values[i]);
    atomicAdd(&counts.sum, values[i]);
  }
  fn finish(i: u32) { result.sum = atomicLoad(&counts.sum); }`,
});

/** Number of values in each of eight bins, counted in the memory of workgroups first. */
export const binned = defineComputeKernel({
  id: "binned",
  module,
  kind: "program",
  input: Sequence,
  output: Bins,
  shape: () => ({ bins: 8 }),
  passes: [{ entry: "count", elements: ({ values }) => values.length }],
  host({ values }, { bins }) {
    for (const value of values) bins[value % 8] = (bins[value % 8] as number) + 1;
  },
  wgsl: `var<workgroup> own: array<atomic<u32>, 8>;
  @compute @workgroup_size(16)
  fn count(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
    if (lane < 8u) { atomicStore(&own[lane], 0u); }
    workgroupBarrier();
    if (id.x < arrayLength(&values)) { atomicAdd(&own[values[id.x] % 8u], 1u); }
    workgroupBarrier();
    if (lane < 8u) { atomicAdd(&bins[lane], atomicLoad(&own[lane])); }
  }`,
});

/** Transposes each layer of a grid; each cell stores its old position. */
export const turned = defineComputeKernel({
  id: "turned",
  module,
  kind: "program",
  input: Grid,
  output: Cells,
  shape: ({ cells, wide, high }) => ({ cells: cells.length, places: wide * high }),
  passes: [
    { entry: "turn", elements: ({ wide, high, deep }) => [wide, high, deep], workgroup: [4, 2, 2] },
    { entry: "mark", elements: ({ wide, high }) => [wide, high] },
  ],
  host({ cells, wide, high, deep }, out) {
    const places = out.places as (readonly [number, number])[];
    for (let x = 0; x < wide; x++) {
      for (let y = 0; y < high; y++) {
        places[x * high + y] = [x, y];
        for (let z = 0; z < deep; z++) {
          out.cells[(z * wide + x) * high + y] = cells[(z * high + y) * wide + x] as number;
        }
      }
    }
  },
  wgsl: `fn turn(at: vec3u) {
    let old = (at.z * params.high + at.y) * params.wide + at.x;
    out_cells[(at.z * params.wide + at.x) * params.high + at.y] = cells[old];
  }
  fn mark(at: vec2u) { places[at.x * params.high + at.y] = at; }`,
});

/**
 * Distance of each node from the first, by rounds over the nodes that the round before reached: their number is known
 * on the device only. \`starts`: index of the first edge of each node, and the number of edges.
 */
export const reached = defineComputeKernel({
  id: "reached",
  module,
  kind: "program",
  input: Edges,
  output: Distances,
  counters: ["front", "rounds"],
  shape: ({ starts }) => ({ distances: starts.length - 1 }),
  scratch: { fronts: { of: u32, length: ({ starts }) => 2 * (starts.length - 1) } },
  passes: [
    { entry: "begin", elements: () => 1 },
    {
      loop: [
        { entry: "spread", elements: ({ starts }) => starts.length - 1, count: "front" },
        { entry: "tell", elements: () => 1 },
      ],
      most: ({ starts }) => starts.length + 1,
      while: "front",
    },
    { entry: "finish", elements: () => 1 },
  ],
  host({ starts, targets }, { distances }) {
    distances[0] = 1;
    let [front, rounds] = [[0], 0];
    while (front.length > 0) {
      rounds++;
      const next: number[] = [];
      for (const node of front) {
        for (const target of targets.subarray(starts[node], starts[node + 1])) {
          if (distances[target] !== 0) continue;
          distances[target] = rounds + 1;
          next.push(target);
        }
      }
      front = next;
    }
    return { rounds };
  },
  wgsl: `fn begin(i: u32) {
    atomicStore(&distances[0], 1u);
    atomicStore(&counts.front, 1u);
  }
  fn spread(i: u32, round: u32) {
    let nodes = arrayLength(&distances);
    let node = fronts[(round & 1u) * nodes + i];
    for (var edge = starts[node]; edge < starts[node + 1u]; edge++) {
      let target_ = targets[edge];
      if (!atomicCompareExchangeWeak(&distances[target_], 0u, round + 2u).exchanged) { continue; }
      fronts[((round + 1u) & 1u) * nodes + atomicAdd(&counts.front, 1u)] = target_;
    }
  }
  fn tell(i: u32, round: u32) { atomicStore(&counts.rounds, round + 1u); }
  fn finish(i: u32) { result.rounds = atomicLoad(&counts.rounds); }`,
});

export const Score = defineMessage("Score", struct({ id: u32, points: f32 }));
export const Grade = defineMessage("Grade", struct({ id: u32, grade: u32, share: f32 }));
export const Whole = defineMessage("Whole", struct({ n: u32 }));
export const Factor = defineMessage("Factor", struct({ whole: u32, factor: u32 }));
export const Halves = defineMessage("Halves", struct({ halves: buffer(f16) }));
export const Total = defineMessage("Total", struct({ total: u32 }));

/** Finds the grade of a score in one constant array, and what it is worth in another. */
export const graded = defineComputeKernel({
  id: "graded",
  module,
  kind: "map",
  input: Score,
  output: Grade,
  lookups: {
    limits: { of: f32, values: [10, 20, 30] },
    shares: { of: f32, values: () => Float32Array.from({ length: 4 }, (_, i) => i / 4) },
  },
  host({ id, points }, _, { limits, shares }) {
    const grade = limits.filter((limit) => points >= limit).length;
    return { id, grade, share: shares[grade] as number };
  },
  wgsl: `fn map(m: Score) -> Grade {
    var grade = 0u;
    for (var i = 0u; i < arrayLength(&limits); i++) { grade += u32(m.points >= limits[i]); }
    return Grade(m.id, grade, shares[grade]);
  }`,
});

/** The prime factors of a number, four at most. */
export const factors = defineComputeKernel({
  id: "factors",
  module,
  kind: "map",
  input: Whole,
  output: Factor,
  outputs: 4,
  host({ n }) {
    const found: { whole: number; factor: number }[] = [];
    for (let [left, factor] = [n, 2]; left > 1; ) {
      if (left % factor !== 0) {
        factor++;
        continue;
      }
      found.push({ whole: n, factor });
      left /= factor;
    }
    return found;
  },
  wgsl: `fn map(m: Whole, out: ptr<function, array<Factor, 4>>) -> u32 {
    var left = m.n;
    var factor = 2u;
    var count = 0u;
    while (left > 1u) {
      if (left % factor != 0u) { factor++; continue; }
      if (count < 4u) { (*out)[count] = Factor(m.n, factor); }
      count++;
      left /= factor;
    }
    return count;
  }`,
});

const STRIDE = 8;
/** Adds up columns: their number is a constant of the text, and the size of its workgroups. */
export const columns = defineComputeKernel({
  id: "columns",
  module,
  kind: "program",
  input: Sequence,
  output: Sequence,
  constants: { STRIDE, IS_DOUBLE: true },
  shape: () => ({ values: STRIDE }),
  passes: [{ entry: "add", elements: () => STRIDE }],
  host({ values }, out) {
    for (const [i, value] of values.entries()) {
      out.values[i % STRIDE] = (out.values[i % STRIDE] as number) + 2 * value;
    }
  },
  wgsl: `override STRIDE: u32 = 1;
  override IS_DOUBLE = false;
  @compute @workgroup_size(STRIDE)
  fn add(@builtin(local_invocation_index) column: u32) {
    for (var i = column; i < arrayLength(&values); i += STRIDE) {
      out_values[column] += values[i] * select(1u, 2u, IS_DOUBLE);
    }
  }`,
});

/** Adds up the values, by subgroups where the device has them. */
export const total = defineComputeKernel({
  id: "total",
  module,
  kind: "program",
  input: Sequence,
  output: Total,
  counters: ["sum"],
  shape: () => ({}),
  passes: [
    { entry: "add", elements: ({ values }) => values.length },
    { entry: "finish", elements: () => 1 },
  ],
  variants: [
    {
      features: ["subgroups"],
      wgsl: `enable subgroups;
      diagnostic(off, subgroup_uniformity);
      fn add(i: u32) {
        let sum = subgroupAdd(values[i]);
        if (subgroupElect()) { atomicAdd(&counts.sum, sum); }
      }
      fn finish(i: u32) { result.total = atomicLoad(&counts.sum); }`,
    },
  ],
  host: ({ values }) => ({ total: values.reduce((sum, value) => sum + value, 0) }),
  wgsl: `fn add(i: u32) { atomicAdd(&counts.sum, values[i]); }
  fn finish(i: u32) { result.total = atomicLoad(&counts.sum); }`,
});

/** Doubles halves: on a device without them by the host body. */
export const doubled = defineComputeKernel({
  id: "doubled",
  module,
  kind: "program",
  input: Halves,
  output: Halves,
  fallback: "host",
  shape: ({ halves }) => ({ halves: halves.length }),
  passes: [{ entry: "twice", elements: ({ halves }) => halves.length }],
  host({ halves }, out) {
    for (const [i, x] of halves.entries()) out.halves[i] = 2 * x;
  },
  wgsl: "fn twice(i: u32) { out_halves[i] = 2.0h * halves[i]; }",
});
