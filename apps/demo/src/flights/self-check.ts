import { isDeepStrictEqual } from "node:util";
import type { Ledger } from "@ringline/core";
import { count } from "../text/numbers.js";
import type { FlightsRun } from "./run-flights.js";

export interface Check {
  readonly what: string;
  readonly ok: boolean;
}

/** Whether anything was lost or counted wrongly. */
export function selfCheck({ rows, summary, plain, rejections, accounts }: FlightsRun): readonly Check[] {
  const ledgers = [...accounts.values()];
  const deadLettered = ledgers.reduce((sum, ledger) => sum + ledger.deadLettered, 0);
  return [
    {
      what: `${count(rows)} rows in = ${count(summary.flights)} flights out + ${count(rejections.count)} dead letters`,
      ok: rows === summary.flights + rejections.count && rejections.count === deadLettered,
    },
    { what: `${ledgers.length} ledgers balance, with nothing left over`, ok: ledgers.every(balances) },
    {
      what: "the result is the one that a plain loop gets from the same rows",
      ok: isDeepStrictEqual(summary, plain.summary()) && rejections.count === plain.rejected,
    },
  ];
}

function balances({ accepted, queued, inHand, done, dropped, deadLettered }: Ledger): boolean {
  return queued === 0 && inHand === 0 && accepted === done + dropped + deadLettered;
}
