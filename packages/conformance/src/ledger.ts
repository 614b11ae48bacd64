import type { Ledger } from "@ringline/core";
import { fail, show } from "./assert.js";

/** accepted = queued + in hand + done + dropped + dead-lettered. */
export function balances(name: string, ledger: Ledger): void {
  const { accepted, queued, inHand, done, dropped, deadLettered } = ledger;
  const counts = [accepted, queued, inHand, done, dropped, deadLettered];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    fail(`ledger of ${name}: not all whole numbers from 0 up: ${show(ledger)}`);
  }
  if (accepted !== queued + inHand + done + dropped + deadLettered) {
    fail(`ledger of ${name} does not balance: ${show(ledger)}`);
  }
}

/** The ledger balances, and every accepted message is settled. */
export function settled(name: string, ledger: Ledger): void {
  balances(name, ledger);
  if (ledger.queued !== 0 || ledger.inHand !== 0) fail(`ledger of ${name}: not all is settled: ${show(ledger)}`);
}
