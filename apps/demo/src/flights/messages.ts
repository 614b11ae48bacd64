import { body, defineMessage, f32, i32, type MessageOf, struct, u32 } from "@ringline/core";
import { z } from "zod";
import type { Summary } from "./summary.js";

/** A row as it was read, whatever it is. */
export const RawRow = defineMessage("RawRow", body<{ row: unknown }>());

/** Shape of a row: delay in minutes, distance in miles, time as hour of the day. */
export const FlightRow = defineMessage(
  "FlightRow",
  z.object({ delay: z.int(), distance: z.int().positive(), time: z.number().min(0).lt(24) }),
);

/** The same with a layout, so that a GPU can take it. `isEnd`: 1 for the last one, which is no flight. */
export const Flight = defineMessage("Flight", struct({ delay: i32, distance: u32, time: f32, isEnd: u32 }));

/** The figures of a flight that are counted, and the cell that counts them. */
export const DerivedFlight = defineMessage("DerivedFlight", struct({ delay: i32, hour: u32, band: u32, isEnd: u32 }));

/** All flights of one hour and one band. */
export interface Cell {
  readonly hour: number;
  readonly band: number;
  readonly flights: number;
  /** Minutes, added up. */
  readonly delay: number;
}

/** By hour, then by band; cells without a flight are left out. */
export const Totals = defineMessage("Totals", body<{ cells: Cell[] }>());

export const Report = defineMessage("Report", body<Summary>());

/** End of the rows. */
export const EndOfRows = defineMessage("EndOfRows");

/** Of the lowest priority: it overtakes no row that waits in a queue. */
export function endOfRows(): MessageOf<typeof EndOfRows> {
  return EndOfRows({}, { priority: 0 });
}
