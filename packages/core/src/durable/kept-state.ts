import { errors } from "../errors/ringline-error.js";
import { stateOf } from "../kernels/define-kernel.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { body } from "../messages/body.js";
import { defineMessage } from "../messages/define-message.js";

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

/** A stored state: its version, and the value that the keeper packed. */
export type PackedState = readonly [version: number, packed: unknown];

/**
 * Marker that a kernel with durable state sends after the outputs of each input, in a durable flow. The outputs are
 * forwarded only then, so that the state, the outputs and the input are stored together.
 */
export const StateMark = defineMessage(
  "ringline:state",
  body<{
    /** Ids of the messages that led to the state and to the outputs before the marker. */
    readonly of: readonly string[];
    /** False if the inputs did not change the state. */
    readonly isNew: boolean;
    readonly state: unknown;
  }>(),
);

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
