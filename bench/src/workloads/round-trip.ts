import { stopwatch } from "../measure/stopwatch.js";
import { median } from "../stats/quantile.js";
import type { Line } from "../subject.js";
import type { Workload, WorkloadName } from "./workload.js";

export interface RoundTripOptions {
  readonly name?: WorkloadName;
  /** Sequential trips in a batch. */
  readonly trips: number;
  /** In one pair, all slices of a side together. */
  readonly batches: number;
  readonly slices: number;
  /** Whether the whole line is on one thread. */
  readonly isAlone: boolean;
}

/** The driver: one message in the line at a time, each send and each receive awaited once. */
async function travel(line: Line, trips: number): Promise<void> {
  for (let n = 0; n < trips; n++) {
    await line.send(n);
    const reply = await line.receive();
    if (reply.n !== n) throw new Error(`got message ${reply.n} where ${n} was due`);
  }
}

/** Microseconds from a send to its reply: a batch's time divided by its trips, then the median over the batches. */
export function roundTrip({ name = "round-trip", trips, batches, slices, isAlone }: RoundTripOptions): Workload {
  const own = Math.ceil(batches / slices);
  return {
    name,
    title: `${trips.toLocaleString("en")} sequential trips, p50 over ${batches} batches a measurement`,
    unit: "µs",
    better: "lower",
    stages: 1,
    slices,
    isAlone,
    async measure(line) {
      const times: number[] = [];
      for (let batch = 0; batch < own; batch++) {
        const elapsed = stopwatch(isAlone);
        await travel(line, trips);
        times.push((elapsed() * 1000) / trips);
      }
      return { value: median(times), messages: trips * own };
    },
  };
}
