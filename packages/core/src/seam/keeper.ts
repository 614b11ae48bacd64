import type { Journal } from "../durable/journal.js";
import type { Clock } from "../time/clock.js";

/** What core gives to every keeper. */
export interface KeeperServices {
  readonly clock: Clock;
}

/** Where durable flows keep what has to outlive their program. A plain value: nothing happens until a flow needs it. */
export interface Keep {
  /** Shown in errors, such as "sqlite". */
  readonly name: string;
  /** A keeper of this kind, for one runtime. Rejects with `BACKEND_UNAVAILABLE`, and says what is wrong. */
  open(core: KeeperServices): Promise<Keeper>;
}

/** An opened keeper. */
export interface Keeper {
  /**
   * What earlier programs left of the durable flow of this name, which from now on belongs to this one: whoever has it is told
   * `FLOW_TAKEN` by its journal, and can write nothing more. Rejects with `BACKEND_UNAVAILABLE`, `FLOW_TAKEN`.
   */
  journal(flow: string): Promise<Journal>;
  /** Resolves when all that was written is kept, or could not be in a second; nothing keeps the process alive then. */
  close(): Promise<void>;
}
