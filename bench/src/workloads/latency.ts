import { setImmediate as turn } from "node:timers/promises";
import { quantile } from "../stats/quantile.js";
import { CAPACITY, type Line } from "../subject.js";
import type { Workload, WorkloadName } from "./workload.js";

export interface LatencyOptions {
  readonly name: WorkloadName;
  /** Messages a second. */
  readonly rate: number;
  /** Of one measurement, milliseconds. */
  readonly duration: number;
}

/** Shares of the messages whose latency is told. */
const SHARES = { p50: 0.5, p90: 0.9, p99: 0.99, "p99.9": 0.999, max: 1 } as const;

/**
 * An open loop: message `n` is due `n / rate` seconds after the start, whatever became of those before it, and its
 * latency counts from there. So a stall is charged to every message that it held up, those not yet sent included
 * (no coordinated omission). No more are under way than a queue holds, also where a subject has none.
 */
export async function openLoop(line: Line, rate: number, messages: number): Promise<Float64Array> {
  const latencies = new Float64Array(messages);
  const gap = 1000 / rate;
  const started = performance.now() + 1;
  let received = 0;
  const receiving = (async () => {
    for (let expected = 0; expected < messages; expected++) {
      const { n } = await line.receive();
      if (n !== expected) throw new Error(`got message ${n} where ${expected} was due`);
      received++;
      latencies[n] = (performance.now() - started - n * gap) * 1000;
    }
  })();
  receiving.catch(() => {}); // told below
  for (let next = 0; next < messages; ) {
    const mayGo = () => next < messages && next - received < CAPACITY && performance.now() - started >= next * gap;
    for (; mayGo(); next++) {
      const sending = line.send(next);
      if (sending !== undefined) await sending;
    }
    await turn(); // timers are too coarse for this
  }
  await receiving;
  return latencies;
}

/** Microseconds from the time at which a message was due to its reply; the figure is the 99th percentile. */
export function latency({ name, rate, duration }: LatencyOptions): Workload {
  return {
    name,
    title: `${rate.toLocaleString("en")} messages a second, each due at its time; p99 from there to its reply`,
    unit: "µs",
    better: "lower",
    stages: 1,
    async measure(line) {
      const sorted = (await openLoop(line, rate, Math.round((rate * duration) / 1000))).sort();
      const all = Array.from(sorted);
      const percentiles = Object.fromEntries(Object.entries(SHARES).map(([key, share]) => [key, quantile(all, share)]));
      return { value: percentiles["p99"] as number, percentiles };
    },
  };
}
