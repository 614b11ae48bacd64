import type { Closable } from "../subject.js";

/** Brings bytes to a thread. */
export interface Carrier extends Closable {
  /** Bytes of a load. */
  readonly bytes: number;
  send(): Promise<void> | void;
  /** Settles when the next one has arrived. */
  arrived(): unknown;
}
