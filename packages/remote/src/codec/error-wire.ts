import { type AnyRinglineError, errors, isRinglineError } from "@ringline/core";
import { type PackedValue, packThrown, unpackValue } from "./packed.js";

/** A thrown value, packed. */
export type WireError = PackedValue;

/** Encodes an exception of any kind; parts that cannot be sent are described in words. */
export const errorToWire: (thrown: unknown) => WireError = packThrown;

/** Decodes a thrown value of another place; for invalid bytes, returns the decoding error. */
export function thrownFromWire(wire: WireError): unknown {
  try {
    return unpackValue(wire);
  } catch (unreadable) {
    return unreadable;
  }
}

/** Decodes a thrown value; any other than a Ringline error is wrapped in one. */
export function errorFromWire(wire: WireError): AnyRinglineError {
  const thrown = thrownFromWire(wire);
  return isRinglineError(thrown) ? thrown : new errors.KERNEL_FAILED({ restarts: 0 }, { cause: thrown });
}
