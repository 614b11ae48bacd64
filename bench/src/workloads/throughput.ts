import { exchange } from "../exchange.js";
import type { Workload, WorkloadName } from "./workload.js";

export interface ThroughputOptions {
  readonly name: WorkloadName;
  readonly stages: number;
  /** In one measurement. */
  readonly messages: number;
  readonly outstanding: number;
}

/** Milliseconds: a slow subject sends no more for a figure than it needs. */
export const LONGEST = 1000;

/** Messages a second through the whole line, from the first send to the last reply. */
export function throughput({ name, stages, messages, outstanding }: ThroughputOptions): Workload {
  return {
    name,
    title: `${stages === 1 ? "one stage" : `${stages} stages`}, ${outstanding} outstanding, ${messages.toLocaleString("en")} messages a measurement`,
    unit: "msg/s",
    better: "higher",
    stages,
    async measure(line) {
      const started = performance.now();
      const through = await exchange(line, 0, messages, outstanding, LONGEST);
      return { value: through / ((performance.now() - started) / 1000), messages: through };
    },
  };
}
