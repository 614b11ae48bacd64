import { defineKernel } from "@ringline/core";
import { bandOf } from "./labels.js";
import { DerivedFlight, EndOfRows, Flight, RawRow, Report, Totals } from "./messages.js";
import { RunningTotals } from "./running-totals.js";
import { summarize } from "./summarize.js";

/** Rows → flights. A row that is none fails its schema and becomes a dead letter. */
export const clean = defineKernel({
  id: "clean",
  module: import.meta.url,
  input: [RawRow, EndOfRows],
  output: [Flight, EndOfRows],
  queueSize: 1024,
  handle: (message) => (message.type === "EndOfRows" ? message : Flight.parse(message.row)),
});

/** Flights → the groups that they count in. */
export const derive = defineKernel({
  id: "derive",
  module: import.meta.url,
  input: [Flight, EndOfRows],
  output: [DerivedFlight, EndOfRows],
  queueSize: 1024,
  handle(message) {
    if (message.type === "EndOfRows") return message;
    const { delay, distance, time } = message;
    return DerivedFlight({ delay, hour: Math.floor(time), band: bandOf(distance) });
  },
});

/** Adds up until the rows end. */
export const aggregate = defineKernel({
  id: "aggregate",
  module: import.meta.url,
  input: [DerivedFlight, EndOfRows],
  output: Totals,
  queueSize: 1024,
  async run(ctx) {
    let totals = new RunningTotals();
    for await (const batch of ctx.batches({ max: 256 })) {
      for (const message of batch) {
        if (message.type === "DerivedFlight") {
          totals.add(message);
        } else {
          await ctx.send(Totals({ cells: totals.cells() }, { replyTo: message }));
          totals = new RunningTotals();
        }
      }
    }
  },
});

/** Totals → the result. */
export const report = defineKernel({
  id: "report",
  module: import.meta.url,
  input: Totals,
  output: Report,
  handle: ({ cells }) => Report(summarize(cells)),
});
