import type { KernelDefinition } from "../kernels/kernel.js";
import type { Keeper } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";
import { Journal } from "./journal.js";
import { type KeptState, migrated } from "./journal-record.js";

/** The durable state of a kernel that is no stage of a durable flow: its latest checkpoint, in a log of its own. */
export class StateLog implements KeptState {
  readonly restored: unknown;
  readonly isExact = false;
  readonly journal: Journal;
  readonly #kernel: KernelDefinition;

  private constructor(kernel: KernelDefinition, journal: Journal) {
    this.#kernel = kernel;
    this.journal = journal;
    const latest = journal
      .recorded()
      .flatMap((record) => (record.kind === "applied" ? [record.state] : []))
      .at(-1);
    this.restored = latest && migrated(journal.unpackValue(latest[1]), latest[0], kernel);
  }

  /** Rejects with `BACKEND_UNAVAILABLE`, `STATE_VERSION`. */
  static async open(kernel: KernelDefinition, keeper: Omit<Keeper, "close">, clock: Clock): Promise<StateLog> {
    const journal = await Journal.open(`state ${kernel.id}`, keeper, clock);
    try {
      return new StateLog(kernel, journal);
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  keep(state: unknown): Promise<void> {
    const { id, durable } = this.#kernel;
    const packed = [durable?.version ?? 1, this.journal.packValue(state)] as const;
    const position = this.journal.write({
      ...({ kind: "applied", input: 0, edge: id, id, of: [], state: packed } as const),
    });
    if (this.journal.isWorthTrimming(position)) this.journal.trim(position);
    return this.journal.kept();
  }
}
