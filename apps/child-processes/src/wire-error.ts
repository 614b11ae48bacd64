import { serialize } from "node:v8";
import { type AnyRinglineError, type ErrorCode, errors, isRinglineError } from "@ringline/core";
import { show } from "@ringline/core/backend";

/** An error as it travels: what it is made of survives, its class only where everybody has it. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** In a list of its own, as a cause may be undefined. */
  readonly cause?: readonly [WireThrown];
  /** Of an error of Ringline: what makes it one. */
  readonly own?: {
    readonly code: ErrorCode;
    readonly details: object;
    readonly remedy: string;
    readonly kernelId: string | null;
    readonly stage: string | null;
    readonly messageId: string | null;
  };
  /** Of other errors: their own fields, such as a `code` of Node. */
  readonly fields?: object;
}
export type WireThrown = { readonly error: WireError } | { readonly value: unknown };

/** How deep causes are followed. */
const DEEPEST = 8;

export function errorToWire(error: Error, depth = 0): WireError {
  const name = String(error.name);
  const message = String(error.message);
  const stack = typeof error.stack === "string" ? error.stack : undefined;
  const cause = "cause" in error && depth < DEEPEST ? { cause: [thrownToWire(error.cause, depth + 1)] as const } : {};
  if (!isRinglineError(error)) return { name, message, stack, ...cause, fields: portable({ ...error }) };
  const { code, remedy, kernelId, stage, messageId } = error;
  const details = portable(error.details as object);
  return { name, message, stack, ...cause, own: { code, details, remedy, kernelId, stage, messageId } };
}

export function errorFromWire({ name, message, stack, cause, own, fields }: WireError): AnyRinglineError {
  const options = cause && { cause: thrownFromWire(cause[0]) };
  const error = own === undefined ? foreign(name, message, options) : ours(own, options);
  for (const [field, value] of Object.entries({ name, message, stack })) {
    if (value !== undefined) Object.defineProperty(error, field, { value, configurable: true, writable: true });
  }
  return Object.assign(error, fields) as AnyRinglineError;
}

export function thrownToWire(thrown: unknown, depth = 0): WireThrown {
  try {
    return thrown instanceof Error ? { error: errorToWire(thrown, depth) } : { value: portable({ thrown }).thrown };
  } catch {
    return { value: "something that cannot be shown" }; // anything can be thrown, also what throws when it is looked at
  }
}

export function thrownFromWire(wire: WireThrown): unknown {
  return "error" in wire ? errorFromWire(wire.error) : wire.value;
}

function ours({ code, details, ...place }: NonNullable<WireError["own"]>, options: ErrorOptions | undefined): Error {
  const type = errors[code] as new (details: unknown, options: object) => Error;
  return new type(details, { ...options, ...place });
}

const BUILT_IN: Readonly<Record<string, ErrorConstructor | undefined>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
} as never;

function foreign(name: string, message: string, options: ErrorOptions | undefined): Error {
  return new (BUILT_IN[name] ?? Error)(message, options);
}

/** Its fields, in words where they cannot travel. */
function portable<T extends object>(fields: T): T {
  const entries = Object.entries(fields).filter(([name]) => name !== "cause");
  return Object.fromEntries(entries.map(([name, value]) => [name, travels(value) ? value : show(value)])) as T;
}

function travels(value: unknown): boolean {
  try {
    serialize(value);
    return true;
  } catch {
    return false;
  }
}
