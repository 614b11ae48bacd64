import type { Header, MessageOf, OneOrMore } from "@ringline/core";
import { invalid } from "./check.js";
import type { Key } from "./pane.js";

type KeysOf<M> = M extends unknown ? Exclude<keyof M, keyof Header> & string : never;

/** A value of a message: the name of a field, or a function. */
export type FieldOf<I extends OneOrMore, T> = KeysOf<MessageOf<I>> | ((message: MessageOf<I>) => T);

/** Returns a function that reads the value. Throws `INVALID_ARGUMENT`. */
export function reader<M, T>(argument: string, field: unknown): (message: M) => T {
  if (typeof field === "function") return field as (message: M) => T;
  if (typeof field === "string" && field !== "") return (message) => message[field as keyof M] as T;
  const remedy = `Give \`${argument}\` the name of a field, or a function of a message.`;
  throw invalid(argument, field, remedy);
}

/**
 * Returns a function that reads the event time of a message, in milliseconds since the epoch; a `Date` counts as its
 * number. The function throws `INVALID_ARGUMENT` for a message without a time.
 */
export function timeReader<M>(field: unknown): (message: M) => number {
  const read = reader<M, unknown>("time", field);
  return (message) => {
    const value = read(message);
    const time = value instanceof Date ? value.getTime() : value;
    if (typeof time === "number" && Number.isFinite(time)) return time;
    const remedy = "`time` is a finite number of milliseconds since the epoch, or a valid Date.";
    throw invalid("time", value, remedy);
  };
}

/** Returns a function that reads a key. The function throws `INVALID_ARGUMENT` for a key that is no string or number. */
export function keyReader<M>(argument: string, field: unknown): (message: M) => Key {
  const read = reader<M, unknown>(argument, field);
  return (message) => {
    const key = read(message);
    if (typeof key === "string" || typeof key === "number") return key;
    const remedy = `\`${argument}\` gives a string or a number for every message.`;
    throw invalid(argument, key, remedy);
  };
}
