const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 200,000 */
export function count(value: number): string {
  return whole.format(value);
}

/** 0.25, 12.3: what is left of a number that is read at a glance. */
export function figure(value: number): string {
  return value.toFixed(value !== 0 && Math.abs(value) < 10 ? 2 : 1);
}
