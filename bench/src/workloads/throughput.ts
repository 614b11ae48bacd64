import { exchange } from "../exchange.js";
import { stopwatch } from "../measure/stopwatch.js";
import type { Line } from "../subject.js";
import type { Measured, Workload, WorkloadName } from "./workload.js";

export interface ThroughputOptions {
  readonly name: WorkloadName;
  readonly stages: number;
  /** In one pair, all slices of a side together. */
  readonly messages: number;
  readonly outstanding: number;
  readonly slices: number;
  /** Whether the whole line is on one thread. */
  readonly isAlone: boolean;
}

/** Milliseconds of all slices: a slow subject sends no more for a figure than it needs. */
const LONGEST = 1000;

/** Messages through a line, and the milliseconds that they took. */
export async function exchangeFor(
  line: Line,
  { messages, outstanding, slices, isAlone }: Omit<ThroughputOptions, "name" | "stages">,
): Promise<readonly [messages: number, time: number]> {
  const elapsed = stopwatch(isAlone);
  const through = await exchange(line, 0, Math.ceil(messages / slices), outstanding, LONGEST / slices);
  return [through, elapsed()];
}

/** Messages a second through the whole line, from the first send to the last reply. */
export function throughput(options: ThroughputOptions): Workload {
  const { name, stages, messages, outstanding, slices, isAlone } = options;
  return {
    name,
    title: `${stages === 1 ? "one stage" : `${stages} stages`}, ${outstanding} outstanding, ${messages.toLocaleString("en")} messages a measurement`,
    unit: "msg/s",
    better: "higher",
    stages,
    slices,
    isAlone,
    async measure(line): Promise<Measured> {
      const [through, time] = await exchangeFor(line, options);
      return { value: through / (time / 1000), messages: through };
    },
  };
}
