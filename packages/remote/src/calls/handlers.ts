import { LazyController } from "@ringline/core/internal";
import type { Link } from "../endpoint/link.js";

/**
 * Data from one place to another, beside messages. Fields may hold whatever can be sent, such as the state of a
 * checkpoint: `packValue` writes all of it, and other encodings do not.
 */
export interface Control {
  /** Name of the handler. */
  readonly k: string;
  readonly [field: string]: unknown;
}

/** Encoding of controls; need not be safe for untrusted input. */
export interface ControlPacker {
  pack(control: Control): Uint8Array;
  unpack(bytes: Uint8Array): unknown;
  /** Releases the memory of long controls. */
  trim(): void;
}

/** Default for controls without an answer. */
const NOT_SERVED = new LazyController();

/** Sender of a control. */
export interface Caller {
  readonly index: number;
}

/** Handler of a control. `serving`: the call, if any, whose `signal` aborts when it is cancelled. */
export type Handler<C, From extends Caller = Link> = (
  control: C,
  from: From,
  serving: Pick<LazyController, "signal">,
) => unknown;

/** Handlers of a place, by kind of control. */
export class Handlers<From extends Caller = Link> {
  readonly #handlers = new Map<string, Handler<never, From>>();

  on<C>(kind: string, handler: Handler<C, From>): void {
    this.#handlers.set(kind, handler as Handler<never, From>);
  }

  handle(control: Control, from: From, serving = NOT_SERVED): unknown {
    const handler = this.#handlers.get(control.k);
    if (handler === undefined) throw new Error(`nobody handles "${control.k}"`);
    return handler(control as never, from, serving);
  }
}
