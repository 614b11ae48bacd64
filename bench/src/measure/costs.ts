/** Resources of a measurement beside its figure. */
export interface Costs {
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds of CPU time, all threads of the process. */
  readonly cpu: number;
  /** Milliseconds of collecting garbage on the thread that measures. */
  readonly gc: number;
  /** Bytes of heap in use right after it, garbage and the other subjects' lines included. */
  readonly heap: number;
}

/** Runs what is measured, and tells what it took; null where that cannot be told. */
export interface Meter extends Disposable {
  run<T>(work: () => Promise<T>): Promise<readonly [T, Costs | null]>;
}

/** The meter of a browser, which has nothing but a clock. */
export const noMeter: Meter = {
  run: async (work) => [await work(), null],
  [Symbol.dispose]: () => {},
};

/** Of several measurements together; null where any of them has none. */
export function sumOfCosts(all: readonly (Costs | null)[]): Costs | null {
  return all.reduce((sum, one) =>
    sum === null || one === null
      ? null
      : { wall: sum.wall + one.wall, cpu: sum.cpu + one.cpu, gc: sum.gc + one.gc, heap: one.heap },
  );
}
