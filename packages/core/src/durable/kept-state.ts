import { errors } from "../errors/ringline-error.js";
import { stateOf } from "../kernels/define-kernel.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { body } from "../messages/body.js";
import { defineMessage } from "../messages/define-message.js";

/** The state of a kernel that outlives the program, as its runtime has it. */
export interface KeptState {
  /** The state to begin with; undefined for none. */
  readonly restored: unknown;
  /** True where the state is kept with the inputs that led to it: only what no input led to is kept by `recordAccepted`. */
  readonly isExact: boolean;
  /** Resolves when the state is kept. */
  keep(state: unknown): Promise<void>;
}

/** A state as it is stored: its version, and what the keeper made of it. */
export type PackedState = readonly [version: number, packed: unknown];

/**
 * Marker that a kernel with a durable state sends behind the outputs of each input, in a durable flow: only then the outputs go on,
 * so that the state, the outputs and the input are kept together.
 */
export const StateMark = defineMessage(
  "ringline:state",
  body<{
    /** Inputs that led to the state and to the outputs ahead. */
    readonly of: readonly string[];
    /** False where the inputs left the state as it was. */
    readonly isNew: boolean;
    readonly state: unknown;
  }>(),
);

/** The state by today's version. Throws `STATE_VERSION` for one that is newer, or that nothing migrates, and what `migrate` throws. */
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
