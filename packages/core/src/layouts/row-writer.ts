import type { Member, ScalarPlan } from "./field-plan.js";
import { rowsFor } from "./rows.js";

/** Memory seen as each of the numbers of 4 bytes. */
interface Words {
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
}
/** Writes some fields of the objects from `from` to `to`; `word` is where the first object lies. */
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
  /** In words. */
  readonly at: number;
}
