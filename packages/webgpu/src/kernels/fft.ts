import { buffer, defineMessage, errors, struct, vec2f } from "@ringline/core";
import { type Between, define, type KernelOptions, lengthOf } from "./arrays.js";

/** Complex numbers: real and imaginary part. */
export const Complex = defineMessage("Complex", struct({ values: buffer(vec2f) }));

export interface FftOptions<Id extends string> extends KernelOptions<Id> {
  /**
   * True for the inverse transform, which divides by the length.
   *
   * @default false
   */
  readonly isInverse?: boolean | undefined;
  /**
   * Largest length, a power of two. Its half is the number of precomputed roots.
   *
   * @default 65_536
   */
  readonly most?: number | undefined;
}

const isPower = (n: number) => Number.isSafeInteger(n) && n >= 1 && Number.isInteger(Math.log2(n));

/**
 * Fourier transform by the algorithm of Stockham, a pass for each factor of two. A length that is no power of two, or
 * above `most`, fails its message with `INVALID_ARGUMENT`.
 */
export function fft<const Id extends string>(options: FftOptions<Id>): Between<Id, typeof Complex, typeof Complex> {
  const { isInverse = false, most = 65_536 } = options;
  if (!isPower(most)) {
    throw new errors.INVALID_ARGUMENT({ argument: "most", value: most }, { remedy: "`most` is a power of two." });
  }
  const sign = isInverse ? 1 : -1;
  const half = Math.max(1, most / 2);
  const roots = () =>
    Array.from({ length: half }, (_, i) => {
      const angle = (sign * Math.PI * i) / half;
      return [Math.cos(angle), Math.sin(angle)];
    });
  const stepsOf = (message: never) => Math.log2(lengthOf(message));
  return define(options, {
    input: Complex,
    output: Complex,
    tolerance: 1e-4,
    lookups: { roots: { of: vec2f, values: roots } },
    shape(message: never) {
      const length = lengthOf(message);
      if (isPower(length) && length <= most) return { values: length };
      const remedy = `The length is a power of two, at most ${most}.`;
      throw new errors.INVALID_ARGUMENT({ argument: "values", value: length }, { remedy });
    },
    // two halves, of which each run reads one and writes the other
    scratch: { halves: { of: vec2f, length: (message: never) => 2 * lengthOf(message) } },
    passes: [
      { entry: "load", elements: lengthOf },
      { entry: "combine", elements: (message: never) => lengthOf(message) / 2, repeat: stepsOf },
      { entry: "finish", elements: lengthOf },
    ],
    host({ values }: { values: [number, number][] }, out: { values: [number, number][] }) {
      const n = values.length;
      let [from, to] = [Array.from(values), Array.from(values)];
      for (let size = 1; size < n; size *= 2) {
        for (let i = 0; i < n / 2; i++) {
          const angle = (sign * Math.PI * (i % size)) / size;
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          const [a, b] = from[i] as [number, number];
          const [x, y] = from[i + n / 2] as [number, number];
          const [right, up] = [x * c - y * s, x * s + y * c];
          const at = 2 * (i - (i % size)) + (i % size);
          to[at] = [a + right, b + up];
          to[at + size] = [a - right, b - up];
        }
        [from, to] = [to, from];
      }
      const scale = isInverse ? 1 / n : 1;
      for (const [i, [a, b]] of from.entries()) out.values[i] = [a * scale, b * scale];
    },
    wgsl: `fn load(i: u32) { halves[i] = values[i]; }
    fn combine(i: u32, step: u32) {
      let n = arrayLength(&values);
      let old = (step & 1u) * n;
      let size = 1u << step;
      let own = i & (size - 1u);
      let root = roots[own * (${half}u >> step)];
      let a = halves[old + i];
      let b = halves[old + i + n / 2u];
      let turned = vec2f(b.x * root.x - b.y * root.y, b.x * root.y + b.y * root.x);
      let at = n - old + 2u * (i - own) + own;
      halves[at] = a + turned;
      halves[at + size] = a - turned;
    }
    fn finish(i: u32) {
      let n = arrayLength(&values);
      let last = (countTrailingZeros(n) & 1u) * n;
      out_values[i] = halves[last + i]${isInverse ? " / f32(n)" : ""};
    }`,
  });
}
