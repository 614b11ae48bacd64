import { stopwatch } from "../measure/stopwatch.js";
import type { Counter } from "../windows/events.js";
import type { Workload } from "./workload.js";

/** Events a second that are counted by key in tumbling windows, from the first that is made to the last count that is seen. */
export function windowCounts({
  events: all,
  slices,
}: {
  readonly events: number;
  readonly slices: number;
}): Workload<Counter> {
  const events = Math.ceil(all / slices);
  return {
    name: "windows",
    title: `counts by key in windows of 1,000 events, ${all.toLocaleString("en")} events a measurement`,
    unit: "msg/s",
    better: "higher",
    stages: 1,
    slices,
    isAlone: true,
    async measure(counter) {
      const elapsed = stopwatch(true);
      let counted = 0;
      await counter.run(events, (count) => {
        counted += count;
      });
      if (counted !== events) throw new Error(`counted ${counted} of ${events} events`);
      return { value: events / (elapsed() / 1000), messages: events };
    },
  };
}
