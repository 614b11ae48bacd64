const [single, bits] = [new Float32Array(1), new Uint32Array(1)];
const bitsOf = new Uint32Array(single.buffer);
const singleOf = new Float32Array(bits.buffer);

/** Bits of the nearest half-precision float, ties to even. */
export function halfBits(value: number): number {
  single[0] = value;
  const from = bitsOf[0] as number;
  const sign = (from >>> 16) & 0x8000;
  const exponent = (from >>> 23) & 0xff;
  const fraction = from & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const shifted = exponent - 112; // from the bias of 127 to that of 15
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted >= 1) return sign | rounded((shifted << 23) | fraction, 13);
  return shifted < -10 ? sign : sign | rounded(fraction | 0x800000, 14 - shifted);
}

/** `value / 2 ** by`, to the nearest, ties to even. A carry out of the fraction correctly increments the exponent. */
function rounded(value: number, by: number): number {
  const half = 2 ** (by - 1);
  const low = value & (2 ** by - 1);
  const high = value >>> by;
  return low > half || (low === half && (high & 1) === 1) ? high + 1 : high;
}

export function halfOf(from: number): number {
  const exponent = (from >>> 10) & 0x1f;
  const fraction = from & 0x3ff;
  const sign = (from & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  bits[0] = exponent === 31 ? 0x7f800000 | (fraction << 13) : ((exponent + 112) << 23) | (fraction << 13);
  return sign * (singleOf[0] as number);
}

/** Rounds a value to a half-precision float. */
export const roundToHalf = (value: number): number => halfOf(halfBits(value));
