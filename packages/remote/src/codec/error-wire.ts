import { type AnyRinglineError, errors, isRinglineError } from "@ringline/core";
import { type PackedValue, packThrown, unpackValue } from "./packed.js";

/** Something that was thrown, packed. */
export type WireError = PackedValue;

/** Encodes an exception of any kind; parts that cannot be sent are described in words. */
export const errorToWire: (thrown: unknown) => WireError = packThrown;

/** Anything that was thrown elsewhere; bytes that are none give an error about them. */
export function thrownFromWire(wire: WireError): unknown {
  try {
    return unpackValue(wire);
  } catch (unreadable) {
    return unreadable;
  }
}

/** An error of Ringline that was thrown elsewhere. */
export function errorFromWire(wire: WireError): AnyRinglineError {
  const thrown = thrownFromWire(wire);
  return isRinglineError(thrown) ? thrown : new errors.KERNEL_FAILED({ restarts: 0 }, { cause: thrown });
}
