import type { Stream } from "../stream.js";
import type { Workload, WorkloadName } from "./workload.js";

export interface FlowOptions {
  readonly name: WorkloadName;
  readonly stages: number;
  /** In one measurement. */
  readonly messages: number;
}

/** Messages a second of a whole source, from the first that is made to the last reply that is seen. */
export function flow({ name, stages, messages }: FlowOptions): Workload<Stream> {
  return {
    name,
    title: `a source through ${stages} stages, ${messages.toLocaleString("en")} messages a measurement`,
    unit: "msg/s",
    better: "higher",
    stages,
    async measure(stream) {
      const started = performance.now();
      let expected = 0;
      await stream.run(messages, ({ n }) => {
        if (n !== expected) throw new Error(`got message ${n} where ${expected} was due`);
        expected++;
      });
      if (expected !== messages) throw new Error(`got ${expected} of ${messages} messages`);
      return { value: messages / ((performance.now() - started) / 1000), messages };
    },
  };
}
