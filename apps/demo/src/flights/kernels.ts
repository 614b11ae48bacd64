import { defineComputeKernel, defineKernel } from "@ringline/core";
import { bandOf, LIMITS } from "./labels.js";
import { DerivedFlight, EndOfRows, Flight, FlightRow, RawRow, Report, Totals } from "./messages.js";
import { RunningTotals } from "./running-totals.js";
import { summarize } from "./summarize.js";

/** Rows → flights. A row that is none fails its schema and becomes a dead letter. */
export const clean = defineKernel({
  id: "clean",
  module: import.meta.url,
  input: [RawRow, EndOfRows],
  output: Flight,
  queueSize: 1024,
  handle(message) {
    if (message.type === "EndOfRows") return Flight({ delay: 0, distance: 1, time: 0, isEnd: 1 });
    const { delay, distance, time } = FlightRow.parse(message.row);
    return Flight({ delay, distance, time, isEnd: 0 });
  },
});

/** Flights → the groups that they count in. Where there is a GPU it is done there. */
export const derive = defineComputeKernel({
  id: "derive",
  module: import.meta.url,
  kind: "map",
  input: Flight,
  output: DerivedFlight,
  queueSize: 1024,
  host: ({ delay, distance, time, isEnd }) => ({ delay, hour: Math.floor(time), band: bandOf(distance), isEnd }),
  wgsl: `fn map(m: Flight) -> DerivedFlight {
    var limits = array(${LIMITS.map((limit) => `${limit}u`).join(", ")});
    var band = 0u;
    while (band < ${LIMITS.length}u && m.distance >= limits[band]) { band++; }
    return DerivedFlight(m.delay, u32(m.time), band, m.isEnd);
  }`,
});

/** Adds up until the rows end. */
export const aggregate = defineKernel({
  id: "aggregate",
  module: import.meta.url,
  input: DerivedFlight,
  output: Totals,
  queueSize: 1024,
  async run(ctx) {
    let totals = new RunningTotals();
    for await (const batch of ctx.batches({ max: 256 })) {
      for (const message of batch) {
        if (message.isEnd === 0) {
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
