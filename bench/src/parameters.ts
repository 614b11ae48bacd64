/** The sizes of a run. */
export interface Parameters {
  /** Processes that measure, one after the other; they share the pairs. */
  readonly passes: number;
  /** Of a subject, all passes together. */
  readonly pairs: number;
  /** Measurements of each side in a pair, which share its messages. */
  readonly slices: number;
  /** Rounds of warm-up in each pass: at least, and at most where ratios do not get steady. */
  readonly warmups: number;
  readonly mostWarmups: number;
  readonly outstanding: number;
  readonly echoMessages: number;
  readonly chainMessages: number;
  /** Of the chain and of the flow. */
  readonly chainStages: number;
  readonly flowMessages: number;
  readonly trips: number;
  readonly batches: number;
  /** On threads: of the echo, sequential trips in a batch, and batches. */
  readonly threadMessages: number;
  readonly threadTrips: number;
  readonly threadBatches: number;
  /** Milliseconds after which rows get no more than the least, and after twice as many none; null for no end. */
  readonly budget: number | null;
  /** Milliseconds after which a row is measured no further than needed; null for as long as it takes. */
  readonly patience: number | null;
  /** Messages a second that latencies are taken at: in process, and on threads. */
  readonly rates: readonly number[];
  readonly threadRates: readonly number[];
  /** Milliseconds of such a measurement, and of one of a pattern. */
  readonly latencyDuration: number;
  readonly patternDuration: number;
  /** Milliseconds that a running pattern warms up, at most. */
  readonly patternWarmUp: number;
  /** Every pattern with every payload and every work, or a choice. */
  readonly allCells: boolean;
  /** Kernels that have nothing to do. */
  readonly idleKernels: readonly number[];
  /** Of a soak, on each backend and way. */
  readonly soakSeconds: number;
  readonly heapMessages: number;
  /** Seconds. */
  readonly overloadMarks: readonly [number, number];
  readonly overloadPerSecond: number;
  /** Milliseconds that one measurement may take. */
  readonly limit: number;
}

export const standard: Parameters = {
  passes: 3,
  pairs: 15,
  slices: 10,
  warmups: 2,
  mostWarmups: 8,
  outstanding: 256,
  echoMessages: 200_000,
  chainMessages: 50_000,
  chainStages: 4,
  flowMessages: 100_000,
  trips: 1000,
  batches: 100,
  threadMessages: 100_000,
  threadTrips: 200,
  threadBatches: 20,
  budget: null,
  patience: null,
  rates: [10_000, 100_000],
  threadRates: [1_000, 20_000],
  latencyDuration: 200,
  patternDuration: 50,
  patternWarmUp: 600,
  allCells: true,
  idleKernels: [1, 100, 10_000],
  soakSeconds: 600,
  heapMessages: 10_000_000,
  overloadMarks: [10, 60],
  overloadPerSecond: 5000,
  limit: 60_000,
};

/** For a first look: its figures are no evidence. */
export const quick: Parameters = {
  ...standard,
  passes: 1,
  pairs: 5,
  slices: 6,
  warmups: 1,
  mostWarmups: 5,
  echoMessages: 20_000,
  chainMessages: 8_000,
  flowMessages: 10_000,
  batches: 12,
  threadMessages: 12_000,
  threadBatches: 6,
  budget: 22_000,
  patience: 500,
  rates: [20_000],
  threadRates: [10_000],
  latencyDuration: 25,
  patternDuration: 15,
  patternWarmUp: 150,
  allCells: false,
  idleKernels: [1, 100],
  soakSeconds: 10,
  heapMessages: 1_000_000,
  overloadMarks: [4, 8],
};
