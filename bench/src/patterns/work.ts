/** Name of the variable in which the main thread leaves the calibration for workers and hosts. */
const KEY = "RINGLINE_BENCH_ROUNDS";
let perMicrosecond: number | undefined;

/** Arithmetic that no engine takes away. */
export function rounds(seed: number, count: number): number {
  let value = seed + 1;
  for (let i = 0; i < count; i++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  return value;
}

/**
 * Rounds in a microsecond of this machine: the fastest of many short runs, as others only slow them down. Counted once, and
 * the same number everywhere: work that spins until a time has passed speeds up on a busy machine.
 */
export function calibrateWork(): number {
  const count = 20_000;
  let [best, seed] = [Number.POSITIVE_INFINITY, 1];
  for (let run = 0; run < 100; run++) {
    const begun = performance.now();
    seed = rounds(seed, count);
    best = Math.min(best, performance.now() - begun);
  }
  // clocks of browsers are coarse
  perMicrosecond = Math.max(1, Math.round(count / Math.max(best * 1000, 1)));
  if (globalThis.process?.env !== undefined) process.env[KEY] = String(perMicrosecond);
  return perMicrosecond;
}

/** So many microseconds of arithmetic on this machine. */
export function grind(seed: number, microseconds: number): number {
  perMicrosecond ??= Number(globalThis.process?.env?.[KEY]) || calibrateWork();
  return rounds(seed, microseconds * perMicrosecond);
}
