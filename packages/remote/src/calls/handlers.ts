import type { Link } from "../endpoint/link.js";
import type { Serving } from "./serving.js";

/** Data from one thread to another, beside messages. */
export interface Control {
  /** What it is about: the name of its handler. */
  readonly k: string;
  readonly [field: string]: unknown;
}

/** How controls become bytes and back; what it reads need not be safe from strangers. */
export interface ControlPacker {
  pack(control: Control): Uint8Array;
  unpack(bytes: Uint8Array): unknown;
  /** Lets go of the memory in which long controls were packed. */
  trim(): void;
}

/** `serving`: of what was called. */
export type Handler<C> = (control: C, from: Link, serving: Serving) => unknown;

/** What a thread does about each kind of control. */
export class Handlers {
  readonly #handlers = new Map<string, Handler<never>>();

  on<C>(kind: string, handler: Handler<C>): void {
    this.#handlers.set(kind, handler as Handler<never>);
  }

  handle(control: Control, from: Link, serving: Serving): unknown {
    const handler = this.#handlers.get(control.k);
    if (handler === undefined) throw new Error(`nobody handles "${control.k}"`);
    return handler(control as never, from, serving);
  }
}
