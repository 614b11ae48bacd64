/** Turns figures into places from 0 to 100, and knows round figures between. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** By the logarithm: the same distance is the same ratio. Figures are above 0. */
export function logScale(values: readonly number[]): Scale {
  const known = values.filter((value) => value > 0 && Number.isFinite(value));
  let [low, high] = [Math.min(...known), Math.max(...known)];
  if (!(high > 0)) [low, high] = [1, 10];
  if (high / low < 4) [low, high] = [low / 2, high * 2];
  const [from, to] = [Math.log10(low) - 0.06, Math.log10(high) + 0.06];
  const at = (value: number) => ((Math.log10(Math.max(value, low)) - from) / (to - from)) * 100;
  return { at, ticks: powers(from, to) };
}

/** At most about five powers of ten; where they are fewer than two, also their halves and doubles. */
function powers(from: number, to: number): number[] {
  const decades = to - from;
  const step = Math.ceil(decades / 5);
  const factors = decades < 1.2 ? [1, 2, 5] : decades < 2.2 ? [1, 3] : [1];
  const ticks = [];
  for (let power = Math.floor(from); power <= to; power += step) {
    for (const factor of factors) ticks.push(factor * 10 ** power);
  }
  return ticks.filter((tick) => Math.log10(tick) >= from && Math.log10(tick) <= to);
}

/** From 0 on. */
export function linearScale(values: readonly number[]): Scale {
  const high = Math.max(...values.filter(Number.isFinite), 0) || 1;
  const rough = high / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number) * power;
  const top = Math.ceil((high / step) * 1.0001) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return { at: (value) => (value / top) * 100, ticks };
}
