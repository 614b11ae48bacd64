import type { Closable } from "../subject.js";

/** Brings bytes to a thread, one load at a time. */
export interface Carrier extends Closable {
  /** Bytes of a load. */
  readonly bytes: number;
  /** Resolves when it has arrived. */
  carry(): Promise<void>;
}
