import { stopwatch } from "../measure/stopwatch.js";
import type { Stream } from "../stream.js";
import type { Workload, WorkloadName } from "./workload.js";

export interface FlowOptions {
  readonly name: WorkloadName;
  readonly stages: number;
  /** In one pair, all slices of a side together. */
  readonly messages: number;
  readonly slices: number;
}

/** Messages a second of a whole source, from the first that is made to the last reply that is seen. */
export function flow({ name, stages, messages: all, slices }: FlowOptions): Workload<Stream> {
  const messages = Math.ceil(all / slices);
  return {
    name,
    title: `a source through ${stages} stages, ${all.toLocaleString("en")} messages a measurement`,
    unit: "msg/s",
    better: "higher",
    stages,
    slices,
    isAlone: true,
    async measure(stream) {
      const elapsed = stopwatch(true);
      let expected = 0;
      await stream.run(messages, ({ n }) => {
        if (n !== expected) throw new Error(`got message ${n} where ${expected} was due`);
        expected++;
      });
      if (expected !== messages) throw new Error(`got ${expected} of ${messages} messages`);
      return { value: messages / (elapsed() / 1000), messages };
    },
  };
}
