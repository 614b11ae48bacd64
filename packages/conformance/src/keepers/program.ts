import type { AnyRinglineError, Clock, Keep, Keeper, KeptLog, KeptRecord, LogEvents } from "@ringline/core";
import { PATIENCE, within } from "../assert.js";

/** The time of this machine. */
const clock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};

/** One requirement on a keeper. Fails by rejecting. */
export interface KeeperCase {
  readonly name: string;
  run(keep: Keep): Promise<void>;
}

/** A program that has opened a keeper. */
export class Program implements LogEvents {
  readonly keeper: Keeper;
  /** Events of its logs, in order. */
  readonly told: string[] = [];
  /** Callback for when another program wants the log. */
  onWanted: () => Promise<void> = async () => {};

  private constructor(keeper: Keeper) {
    this.keeper = keeper;
  }

  static async start(keep: Keep): Promise<Program> {
    return new Program(await within(PATIENCE, keep.open({ clock }), "opening the keeper"));
  }

  open(log: string): Promise<KeptLog> {
    return within(PATIENCE, this.keeper.open(log, this), `opening the log "${log}"`);
  }

  /** Closes the logs, then the keeper, as core does. */
  async end(...logs: readonly KeptLog[]): Promise<void> {
    for (const log of logs) await within(PATIENCE, log.close(), "closing a log");
    await within(PATIENCE, this.keeper.close(), "closing the keeper");
  }

  writeFailed({ code }: AnyRinglineError): void {
    this.told.push(`troubled ${code}`);
  }
  async wanted(): Promise<void> {
    this.told.push("wanted");
    await this.onWanted();
  }
  lost(): void {
    this.told.push("lost");
  }
  emptied(): void {
    this.told.push("emptied");
  }
}

/** Appends, and waits until it is kept. */
export const append = (log: KeptLog, ...records: readonly KeptRecord[]) =>
  within(PATIENCE, log.append(records), "a piece to be kept");

export const recordsOf = (found: KeptLog["found"]): readonly KeptRecord[] => found.flatMap(({ records }) => records);
