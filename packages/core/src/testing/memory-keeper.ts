import { cloned } from "../messages/cloned.js";
import type { Keep, Keeper, KeeperServices, KeptLog, KeptRecord, LogEvents, Piece } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";

/** A keeper in memory, for tests: it outlives runtimes, and not the program. */
export interface MemoryKeeper extends Keep {
  /** The records of a log that are kept now, the oldest first. */
  records(log: string): readonly KeptRecord[];
  /**
   * The keeper that a program finds if earlier ones are killed at this moment: nothing that they write from now on is
   * stored (they get `FLOW_TAKEN`), and the last `lost` records of each log were not. Default 0.
   */
  killed(lost?: number): MemoryKeeper;
}

/** Milliseconds that a program gets to let go of a log. */
const PATIENCE = 2000;

/** The records that a keeper has under one name. */
class StoredLog {
  readonly pieces: { readonly sequence: number; readonly records: readonly KeptRecord[] }[] = [];
  /** Owner of the log: the last one to open it. */
  owner: LogEvents | undefined;
  next = 1;

  append(records: readonly KeptRecord[]): Piece {
    this.pieces.push({ sequence: this.next, records });
    return { sequence: this.next++, bytes: records.length + 1 };
  }

  trim(sequence: number): void {
    const kept = this.pieces.findIndex((piece) => piece.sequence > sequence);
    this.pieces.splice(0, kept === -1 ? this.pieces.length : kept);
  }

  get records(): readonly KeptRecord[] {
    return this.pieces.flatMap(({ records }) => records);
  }
}

class Memory implements MemoryKeeper {
  readonly name = "memory";
  readonly #logs = new Map<string, StoredLog>();
  #isDead = false;

  async open({ clock }: KeeperServices): Promise<Keeper> {
    return {
      open: (log, events) => this.#take(log, events, clock),
      pack: (value) => cloned(value),
      unpack: (packed) => cloned(packed),
      close: async () => {},
    };
  }

  async #take(name: string, events: LogEvents, clock: Clock): Promise<KeptLog> {
    const shelf = this.#logOf(name);
    for (let before = shelf.owner; before !== undefined; before = shelf.owner) {
      const late = new Promise<void>((resolve) => clock.after(PATIENCE, resolve));
      await Promise.race([before.wanted(), late]);
      if (shelf.owner === before) break;
    }
    shelf.owner = events;
    const isOurs = () => shelf.owner === events && !this.#isDead;
    return {
      found: shelf.pieces.map((piece) => ({ ...piece, bytes: piece.records.length + 1 })),
      ahead: 1,
      linger: 0,
      append: async (records) => {
        if (isOurs()) return shelf.append(records);
        if (shelf.owner !== undefined && shelf.owner !== events) events.lost(new Error("another program has it"));
        return new Promise(() => {});
      },
      trim: (sequence) => {
        if (isOurs()) shelf.trim(sequence);
      },
      close: async () => {
        if (shelf.owner === events) shelf.owner = undefined;
      },
    };
  }

  records(log: string): readonly KeptRecord[] {
    return this.#logOf(log).records;
  }

  killed(lost = 0): MemoryKeeper {
    this.#isDead = true;
    const next = new Memory();
    for (const [name, shelf] of this.#logs) {
      const { records } = shelf;
      next.#logOf(name).append(records.slice(0, Math.max(0, records.length - lost)));
      shelf.owner?.lost(new Error("killed"));
    }
    return next;
  }

  #logOf(name: string): StoredLog {
    const shelf = this.#logs.get(name) ?? new StoredLog();
    this.#logs.set(name, shelf);
    return shelf;
  }
}

export const memoryKeeper = (): MemoryKeeper => new Memory();
