/** The share `p` (0 to 1, both excluded) of a standard normal distribution lies below this. By bisection of its integral. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`p must be between 0 and 1, got ${p}`);
  let [low, high] = [-10, 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (below(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The integral of the density up to `x`, by its series (Abramowitz and Stegun, 26.2.10), far out by 26.2.12. */
function below(x: number): number {
  if (Math.abs(x) > 6) return x < 0 ? 0 : 1;
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-(x * x) * (2 * n - 1)) / (2 * n * (2 * n + 1));
    sum += term;
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}
