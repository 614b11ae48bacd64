import { setImmediate as turn } from "node:timers/promises";
import { histogramOf } from "../stats/histogram.js";
import { median } from "../stats/quantile.js";
import { CAPACITY, type Line } from "../subject.js";
import type { Workload, WorkloadName } from "./workload.js";

export interface LatencyOptions {
  readonly name: WorkloadName;
  /** Messages a second. */
  readonly rate: number;
  /** Of one measurement, milliseconds. */
  readonly duration: number;
}

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

/**
 * Microseconds from the time at which a message was due to its reply. The figure of a measurement is its median; tails are
 * told by all measurements together, as a median of tails would hide what only some of them met.
 */
export function latency({ name, rate, duration }: LatencyOptions): Workload {
  return {
    name,
    title: `${rate.toLocaleString("en")} messages a second, each due at its time; p50 from there to its reply`,
    unit: "µs",
    better: "lower",
    stages: 1,
    async measure(line) {
      const latencies = await openLoop(line, rate, Math.round((rate * duration) / 1000));
      return { value: median(Array.from(latencies)), latencies: histogramOf(latencies) };
    },
  };
}
