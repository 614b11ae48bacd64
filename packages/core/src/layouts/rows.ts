import type { Member, ScalarPlan } from "./field-plan.js";

type Values = readonly Readonly<Record<string, number>>[];
type Numbers = Float32Array | Int32Array | Uint32Array;

/**
 * Each function copies fields `k` of the objects from `i` to `n` to every `s`-th element of the arrays `t`, starting at
 * `o`.
 *
 * The functions are identical, because engines specialise each one for the objects and fields that it sees: a function
 * that serves one layout is as fast as code generated for it, one that serves many is several times slower. No code is
 * generated at run time.
 */
type Four = (
  v: Values,
  i: number,
  n: number,
  s: number,
  k0: string,
  t0: Numbers,
  o0: number,
  k1: string,
  t1: Numbers,
  o1: number,
  k2: string,
  t2: Numbers,
  o2: number,
  k3: string,
  t3: Numbers,
  o3: number,
) => void;
type Two = (
  v: Values,
  i: number,
  n: number,
  s: number,
  k0: string,
  t0: Numbers,
  o0: number,
  k1: string,
  t1: Numbers,
  o1: number,
) => void;
type One = (v: Values, i: number, n: number, s: number, k0: string, t0: Numbers, o0: number) => void;

// biome-ignore format: one line each
const FOUR: readonly Four[] = [
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1, k2, t2, o2, k3, t3, o3) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; t2[o2] = x[k2]!; o2 += s; t3[o3] = x[k3]!; o3 += s; } },
];

// biome-ignore format: one line each
const TWO: readonly Two[] = [
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
  (v, i, n, s, k0, t0, o0, k1, t1, o1) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; t1[o1] = x[k1]!; o1 += s; } },
];

// biome-ignore format: one line each
const ONE: readonly One[] = [
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
  (v, i, n, s, k0, t0, o0) => { for (; i < n; i++) { const x = v[i]!; t0[o0] = x[k0]!; o0 += s; } },
];

const COPIES = { 4: FOUR, 2: TWO, 1: ONE } as const;
const next = { 4: 0, 2: 0, 1: 0 };

/** Returns an unused copy for four, two or one fields; the last copy serves all further callers. */
export function rowsFor<Size extends 4 | 2 | 1>(size: Size): (typeof COPIES)[Size][number] {
  const copies = COPIES[size];
  return copies[Math.min(next[size]++, copies.length - 1)] as (typeof COPIES)[Size][number];
}

/** Views of one memory, by number type of 4 bytes. */
interface Words {
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
}
/** Writes some fields of the objects from `from` to `to`; `word` is the offset of the first object. */
export type RowWriter = (
  values: readonly object[],
  from: number,
  to: number,
  memory: Words,
  word: number,
  words: number,
) => void;

/** Writers for these fields, all numbers of 4 bytes: four at a time, then two, then one. */
export function rowWriters(members: readonly Member[]): readonly RowWriter[] {
  const writers: RowWriter[] = [];
  const fields = members.map(({ name, plan, offset }) => ({
    name,
    kind: (plan as ScalarPlan).scalar as keyof Words,
    at: offset >> 2,
  }));
  while (fields.length > 0) {
    const size = fields.length >= 4 ? 4 : fields.length >= 2 ? 2 : 1;
    const [a, b, c, d] = fields.splice(0, size) as [Field, Field, Field, Field];
    if (size === 4) {
      const rows = rowsFor(4);
      writers.push((v, i, n, m, w, s) =>
        // biome-ignore format: a line for each two fields
        rows(
          v as never, i, n, s, a.name, m[a.kind], w + a.at, b.name, m[b.kind], w + b.at,
          c.name, m[c.kind], w + c.at, d.name, m[d.kind], w + d.at,
        ),
      );
    } else if (size === 2) {
      const rows = rowsFor(2);
      writers.push((v, i, n, m, w, s) =>
        rows(v as never, i, n, s, a.name, m[a.kind], w + a.at, b.name, m[b.kind], w + b.at),
      );
    } else {
      const rows = rowsFor(1);
      writers.push((v, i, n, m, w, s) => rows(v as never, i, n, s, a.name, m[a.kind], w + a.at));
    }
  }
  return writers;
}

interface Field {
  readonly name: string;
  readonly kind: keyof Words;
  /** Offset in words. */
  readonly at: number;
}
