import { buffer, defineMessage, errors, f32, struct, u32 } from "@ringline/core";
import { type Between, define, type KernelOptions } from "./arrays.js";

/** Two matrices, row by row: `a` has `rows` × `inner` numbers, `b` `inner` × `columns`. */
export const Matrices = defineMessage(
  "Matrices",
  struct({ a: buffer(f32), b: buffer(f32), rows: u32, inner: u32, columns: u32 }),
);
/** A matrix, row by row. */
export const Matrix = defineMessage("Matrix", struct({ values: buffer(f32), rows: u32, columns: u32 }));

interface Sizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
}

/** Rows and columns that one invocation computes, in registers. */
const TILE = 4;
const tilesOf = ({ rows, columns }: Sizes) => [Math.ceil(columns / TILE), Math.ceil(rows / TILE)];

function shapeOf({ rows, inner, columns, a, b }: Sizes): { readonly values: number } {
  for (const [argument, { length }, wanted] of [
    ["a", a, rows * inner],
    ["b", b, inner * columns],
  ] as const) {
    if (length === wanted) continue;
    const remedy = `A matrix of these sizes has ${wanted} numbers.`;
    throw new errors.INVALID_ARGUMENT({ argument, value: length }, { remedy });
  }
  return { values: rows * columns };
}

/**
 * Multiplies two matrices. Each invocation computes a tile of 4 × 4 numbers in registers, so that it reads each number
 * for four results, and needs no barrier. A message whose arrays do not suit its sizes fails with `INVALID_ARGUMENT`.
 */
export function matmul<const Id extends string>(
  options: KernelOptions<Id>,
): Between<Id, typeof Matrices, typeof Matrix> {
  return define(options, {
    input: Matrices,
    output: Matrix,
    tolerance: 1e-4,
    shape: shapeOf,
    passes: [
      { entry: "multiply", elements: tilesOf, workgroup: [8, 8] },
      { entry: "finish", elements: () => 1 },
    ],
    host({ a, b, rows, inner, columns }: Sizes, out: { values: Float32Array }) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += (a[row * inner + k] ?? 0) * (b[k * columns + column] ?? 0);
          out.values[row * columns + column] = sum;
        }
      }
      return { rows, columns };
    },
    wgsl: `fn multiply(at: vec2u) {
      let first = at * ${TILE}u;
      // beyond the edges the last row and column are computed again, and not stored
      var row: vec4u;
      var column: vec4u;
      for (var i = 0u; i < ${TILE}u; i++) {
        row[i] = min(first.y + i, params.rows - 1u) * params.inner;
        column[i] = min(first.x + i, params.columns - 1u);
      }
      var sums: array<vec4f, ${TILE}>;
      for (var k = 0u; k < params.inner; k++) {
        let line = k * params.columns;
        let right = vec4f(b[line + column.x], b[line + column.y], b[line + column.z], b[line + column.w]);
        sums[0] += a[row.x + k] * right;
        sums[1] += a[row.y + k] * right;
        sums[2] += a[row.z + k] * right;
        sums[3] += a[row.w + k] * right;
      }
      for (var y = 0u; y < min(${TILE}u, params.rows - first.y); y++) {
        for (var x = 0u; x < min(${TILE}u, params.columns - first.x); x++) {
          values[(first.y + y) * params.columns + first.x + x] = sums[y][x];
        }
      }
    }
    fn finish(i: u32) { result = Matrix(params.rows, params.columns); }`,
  });
}
