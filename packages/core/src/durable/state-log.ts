import { errors } from "../errors/ringline-error.js";
import { stateOf } from "../kernels/define-kernel.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { Keeper } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";
import { Journal } from "./journal.js";

/** The durable state of a kernel, as its runtime uses it. */
export interface KeptState {
  /** The state to start with; undefined for none. */
  readonly restored: unknown;
  /**
   * True if the state is stored with the inputs that led to it: `keep` then stores only states that no input led to.
   */
  readonly isExact: boolean;
  /** Stores a state; resolves when it is stored. */
  keep(state: unknown): Promise<void>;
}

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

/**
 * Migrates a state to the current version. Throws `STATE_VERSION` if the state is newer, no migration exists, or
 * `migrate` throws.
 */
export function migrated(state: unknown, version: number, { id, durable }: KernelDefinition): unknown {
  const known = durable?.version ?? 1;
  if (version === known) return state;
  if (version > known || durable?.migrate === undefined) {
    throw new errors.STATE_VERSION({ version, known }, { kernelId: id });
  }
  try {
    return durable.migrate(state, version);
  } catch (cause) {
    const remedy = `\`migrate\` of ${stateOf(id)} threw: see \`cause\`.`;
    throw new errors.STATE_VERSION({ version, known }, { kernelId: id, cause, remedy });
  }
}
