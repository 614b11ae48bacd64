import { buffer, defineMessage, errors, f32, struct, u32 } from "@ringline/core";
import { type Between, define, type KernelOptions } from "./arrays.js";

/** Points and centres, coordinate by coordinate. */
export const Points = defineMessage("Points", struct({ points: buffer(f32), centres: buffer(f32) }));
/** New centres, and the index of the nearest old centre for each point. */
export const Clusters = defineMessage("Clusters", struct({ centres: buffer(f32), labels: buffer(u32) }));

interface Clustered {
  readonly points: ArrayLike<number>;
  readonly centres: ArrayLike<number>;
}

export interface KMeansOptions<Id extends string> extends KernelOptions<Id> {
  /** Coordinates of a point, at least 1. */
  readonly dimensions: number;
}

/** Number of lanes, each of which adds up the points of its own part. */
const LANES = 256;

/**
 * One step of k-means: assigns each point to the nearest centre, the first of equally near ones, and moves each centre
 * to the mean of its points. A centre without points stays. A message without centres, or whose arrays are no multiple
 * of `dimensions`, fails with `INVALID_ARGUMENT`.
 */
export function kMeansStep<const Id extends string>(
  options: KMeansOptions<Id>,
): Between<Id, typeof Points, typeof Clusters> {
  const { dimensions } = options;
  const pointsOf = ({ points }: Clustered) => points.length / dimensions;
  const sums = ({ centres }: Clustered) => (centres.length / dimensions) * (dimensions + 1);
  return define(options, {
    input: Points,
    output: Clusters,
    tolerance: 1e-4,
    constants: { DIMENSIONS: dimensions },
    shape({ points, centres }: Clustered) {
      for (const [argument, { length }] of Object.entries({ points, centres })) {
        if (length % dimensions === 0 && (argument === "points" || length > 0)) continue;
        const remedy = `A multiple of ${dimensions} numbers, and at least one centre.`;
        throw new errors.INVALID_ARGUMENT({ argument, value: length }, { remedy });
      }
      return { centres: centres.length, labels: points.length / dimensions };
    },
    scratch: { sums: { of: f32, length: (m: Clustered) => LANES * sums(m) } },
    passes: [
      { entry: "label", elements: pointsOf },
      { entry: "add", elements: () => LANES },
      { entry: "move_on", elements: ({ centres }: Clustered) => centres.length },
    ],
    host({ points, centres }: Clustered, out: { centres: Float32Array; labels: Uint32Array }) {
      const [count, k] = [points.length / dimensions, centres.length / dimensions];
      const totals = new Float64Array(k * (dimensions + 1));
      for (let i = 0; i < count; i++) {
        let [nearest, least] = [0, Number.POSITIVE_INFINITY];
        for (let c = 0; c < k; c++) {
          let distance = 0;
          for (let d = 0; d < dimensions; d++) {
            distance += ((points[i * dimensions + d] ?? 0) - (centres[c * dimensions + d] ?? 0)) ** 2;
          }
          if (distance < least) [nearest, least] = [c, distance];
        }
        out.labels[i] = nearest;
        const at = nearest * (dimensions + 1);
        for (let d = 0; d < dimensions; d++) totals[at + d] = (totals[at + d] ?? 0) + (points[i * dimensions + d] ?? 0);
        totals[at + dimensions] = (totals[at + dimensions] ?? 0) + 1;
      }
      for (let i = 0; i < centres.length; i++) {
        const at = Math.floor(i / dimensions) * (dimensions + 1);
        const own = totals[at + dimensions] ?? 0;
        out.centres[i] = own === 0 ? (centres[i] ?? 0) : (totals[at + (i % dimensions)] ?? 0) / own;
      }
    },
    wgsl: `override DIMENSIONS: u32;
    fn label(i: u32) {
      var nearest = 0u;
      var least = 0.0;
      for (var c = 0u; c < arrayLength(&centres) / DIMENSIONS; c++) {
        var distance_ = 0.0;
        for (var d = 0u; d < DIMENSIONS; d++) {
          let away = points[i * DIMENSIONS + d] - centres[c * DIMENSIONS + d];
          distance_ += away * away;
        }
        if (c == 0u || distance_ < least) { nearest = c; least = distance_; }
      }
      labels[i] = nearest;
    }
    fn add(lane: u32) {
      let width = arrayLength(&centres) / DIMENSIONS * (DIMENSIONS + 1u);
      for (var i = lane; i < arrayLength(&labels); i += ${LANES}u) {
        let at = lane * width + labels[i] * (DIMENSIONS + 1u);
        for (var d = 0u; d < DIMENSIONS; d++) { sums[at + d] += points[i * DIMENSIONS + d]; }
        sums[at + DIMENSIONS] += 1.0;
      }
    }
    fn move_on(i: u32) {
      let width = arrayLength(&centres) / DIMENSIONS * (DIMENSIONS + 1u);
      let at = i / DIMENSIONS * (DIMENSIONS + 1u);
      var sum = 0.0;
      var count = 0.0;
      for (var lane = 0u; lane < ${LANES}u; lane++) {
        sum += sums[lane * width + at + i % DIMENSIONS];
        count += sums[lane * width + at + DIMENSIONS];
      }
      out_centres[i] = centres[i];
      if (count > 0.0) { out_centres[i] = sum / count; }
    }`,
  });
}
