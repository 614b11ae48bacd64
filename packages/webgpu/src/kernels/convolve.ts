import { buffer, defineMessage, errors, f32, struct, u32 } from "@ringline/core";
import { type Between, define, type KernelOptions } from "./arrays.js";

/** Pixels of one channel, row by row. */
export const Plane = defineMessage("Plane", struct({ pixels: buffer(f32), wide: u32, high: u32 }));

interface Pixels {
  readonly pixels: ArrayLike<number>;
  readonly wide: number;
  readonly high: number;
}

export interface ConvolveOptions<Id extends string> extends KernelOptions<Id> {
  /** Rows of weights, all of one length: an odd number of rows, and of weights in each. */
  readonly weights: readonly (readonly number[])[];
}

/**
 * Replaces each pixel by the weighted sum of those around it; beyond the edges the pixels of the edge are taken. The
 * weights are not turned over. A message whose array does not suit its sizes fails with `INVALID_ARGUMENT`.
 */
export function convolve<const Id extends string>(
  options: ConvolveOptions<Id>,
): Between<Id, typeof Plane, typeof Plane> {
  const { weights: rows } = options;
  const [high, wide] = [rows.length, rows[0]?.length ?? 0];
  if (high % 2 === 0 || wide % 2 === 0 || rows.some(({ length }) => length !== wide)) {
    const remedy = "Give an odd number of rows of the same odd length.";
    throw new errors.INVALID_ARGUMENT({ argument: "weights", value: rows }, { remedy });
  }
  const [left, above] = [(wide - 1) / 2, (high - 1) / 2];
  return define(options, {
    input: Plane,
    output: Plane,
    tolerance: 1e-4,
    lookups: { weights: { of: f32, values: rows.flat() } },
    shape({ pixels: { length }, wide, high }: Pixels) {
      if (length === wide * high) return { pixels: length };
      const remedy = `A plane of these sizes has ${wide * high} pixels.`;
      throw new errors.INVALID_ARGUMENT({ argument: "pixels", value: length }, { remedy });
    },
    passes: [
      { entry: "weigh", elements: ({ wide, high }: Pixels) => [wide, high] },
      { entry: "finish", elements: () => 1 },
    ],
    host(plane: Pixels, out: { pixels: Float32Array }, { weights }: { weights: Float32Array }) {
      const clamped = (at: number, end: number) => Math.min(Math.max(at, 0), end - 1);
      for (let y = 0; y < plane.high; y++) {
        for (let x = 0; x < plane.wide; x++) {
          let sum = 0;
          for (const [i, weight] of weights.entries()) {
            const row = clamped(y + Math.floor(i / wide) - above, plane.high);
            const column = clamped(x + (i % wide) - left, plane.wide);
            sum += weight * (plane.pixels[row * plane.wide + column] ?? 0);
          }
          out.pixels[y * plane.wide + x] = sum;
        }
      }
      return { wide: plane.wide, high: plane.high };
    },
    wgsl: `fn weigh(at: vec2u) {
      let last = vec2i(i32(params.wide), i32(params.high)) - 1;
      var sum = 0.0;
      for (var y = 0; y < ${high}; y++) {
        for (var x = 0; x < ${wide}; x++) {
          let near = vec2u(clamp(vec2i(at) + vec2i(x - ${left}, y - ${above}), vec2i(), last));
          sum += weights[y * ${wide} + x] * pixels[near.y * params.wide + near.x];
        }
      }
      out_pixels[at.y * params.wide + at.x] = sum;
    }
    fn finish(i: u32) { result = Plane(params.wide, params.high); }`,
  });
}
