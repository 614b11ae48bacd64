import type { AnyMessageType } from "../messages/message-type.js";
import type { Carried, Source } from "./plan.js";

/** A point at which messages leave a draft. */
export interface Tap {
  /** Undefined if no messages come out. */
  readonly source: Source | undefined;
  /** Undefined if only functions determine the types. */
  readonly carries: Carried | undefined;
  /** The stage before the point, for errors. */
  readonly after: string;
}

/** The input of a topology. */
export function inputTap(types: readonly AnyMessageType[]): Tap {
  return { source: { node: -1, route: null }, carries: carried(types), after: "input" };
}

export function carried(types: readonly AnyMessageType[]): Carried {
  return types.map(({ type }) => [type]);
}

/** The type that `into` makes, if it is a message type. */
export function carriedInto(into: unknown): Carried | undefined {
  const { type, is } = into as Partial<AnyMessageType>;
  return typeof type === "string" && typeof is === "function" ? [[type]] : undefined;
}

/** The types after a node that drops some messages: one list of all types. */
export function unsure(carries: Carried | undefined): Carried | undefined {
  return carries && [[...new Set(carries.flat())]];
}
