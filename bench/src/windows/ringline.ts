import { body, createRuntime, defineMessage, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { defineWindowKernel, tumbling } from "@ringline/streams";
import { type Click, type CounterSubject, clicks, SIZE } from "./events.js";

const Event = defineMessage("Event", body<Click>());
const Count = defineMessage("Count", body<{ count: number }>());

const perSecond = defineWindowKernel({
  id: "per-second",
  input: Event,
  output: Count,
  window: tumbling(SIZE),
  time: "at",
  key: "user",
  initial: () => 0,
  add: (count) => count + 1,
  result: (count) => Count({ count }),
});

/** A stage of a flow in process, all options at their defaults. */
export const windowsByRingline: CounterSubject = {
  name: "ringline-window",
  title: "a flow with a window kernel, process()",
  isAlone: true,
  async open() {
    const runtime = createRuntime({ backend: inProcess() });
    const flow = await runtime.run(pipeline("windows").stage(perSecond));
    return {
      async run(events, seen) {
        for await (const { count } of flow.process(clicks(events, (click) => Event(click)))) seen(count);
      },
      close: async () => {
        await runtime.dispose();
      },
    };
  },
};
