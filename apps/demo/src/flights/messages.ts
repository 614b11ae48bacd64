import { body, defineMessage, type MessageOf } from "@ringline/core";
import { z } from "zod";
import type { Summary } from "./summary.js";

/** A row as it was read, whatever it is. */
export const RawRow = defineMessage("RawRow", body<{ row: unknown }>());

/** Delay in minutes, distance in miles, time as hour of the day. */
export const Flight = defineMessage(
  "Flight",
  z.object({ delay: z.int(), distance: z.int().positive(), time: z.number().min(0).lt(24) }),
);

/** What is counted of a flight, and where. */
export const DerivedFlight = defineMessage("DerivedFlight", body<{ delay: number; hour: number; band: number }>());

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

/** There are no more rows. */
export const EndOfRows = defineMessage("EndOfRows");

/** Of the lowest priority: it overtakes no row that waits in a queue. */
export function endOfRows(): MessageOf<typeof EndOfRows> {
  return EndOfRows({}, { priority: 0 });
}
