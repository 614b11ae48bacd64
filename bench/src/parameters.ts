/** The sizes of a run. */
export interface Parameters {
  readonly pairs: number;
  readonly warmups: number;
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
  readonly heapMessages: number;
  /** Seconds. */
  readonly overloadMarks: readonly [number, number];
  readonly overloadPerSecond: number;
  /** Milliseconds that one measurement may take. */
  readonly limit: number;
}

export const standard: Parameters = {
  pairs: 15,
  warmups: 2,
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
  heapMessages: 10_000_000,
  overloadMarks: [10, 60],
  overloadPerSecond: 5000,
  limit: 60_000,
};

/** For a first look: its figures are no evidence. */
export const quick: Parameters = {
  ...standard,
  pairs: 5,
  warmups: 1,
  echoMessages: 50_000,
  chainMessages: 15_000,
  flowMessages: 20_000,
  batches: 30,
  threadMessages: 50_000,
  threadBatches: 8,
  heapMessages: 1_000_000,
  overloadMarks: [4, 8],
};
