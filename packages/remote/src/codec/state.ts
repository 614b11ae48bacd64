import { errors } from "@ringline/core";
import { packNested, unpackNested } from "./nested.js";
import { Untravelled } from "./plain.js";

/** The state of a kernel as it travels. */
export interface PackedState {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** Undefined for no state. Throws `SERIALIZATION` with the path of what cannot travel. */
export function packState(state: unknown): PackedState | undefined {
  if (state === undefined) return undefined;
  try {
    const { kind, bytes } = packNested(state);
    return { kind, bytes: bytes.slice() };
  } catch (cause) {
    throw cause instanceof Untravelled ? new errors.SERIALIZATION({ path: cause.path.join(".") }, { cause }) : cause;
  }
}

export function unpackState(packed: PackedState | undefined): unknown {
  return packed && unpackNested(packed.kind, new Uint8Array(packed.bytes));
}
