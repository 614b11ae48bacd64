import { type AnyRinglineError, errors, isRinglineError } from "./ringline-error.js";
import { type ErrorCode, show } from "./table.js";

/** An error as it travels. What an error is made of survives, its class only where everybody has it. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of an error of Ringline. */
  readonly code?: ErrorCode;
  readonly details?: Record<string, unknown>;
  readonly remedy?: string;
  readonly kernelId?: string | null;
  readonly stage?: string | null;
  readonly messageId?: string | null;
  /** On which it was thrown. */
  readonly thread?: number;
  /** In a list of its own, as a cause may be undefined. */
  readonly cause?: readonly [WireThrown];
  /** Own fields, such as the `code` of an error of Node. */
  readonly fields?: Record<string, unknown>;
}

/** Anything that was thrown: an error, or a value in words where it cannot travel. */
export type WireThrown = { readonly error: WireError } | { readonly value: unknown };

/** How deep causes are followed. */
const DEEPEST = 8;

export function thrownToWire(thrown: unknown, depth = 0): WireThrown {
  try {
    if (thrown instanceof Error || isRinglineError(thrown)) return { error: errorToWire(thrown as Error, depth) };
    return { value: simple(thrown) };
  } catch {
    return { value: "something that cannot be shown" };
  }
}

export function thrownFromWire(wire: WireThrown): unknown {
  return "error" in wire ? errorFromWire(wire.error) : wire.value;
}

export function errorToWire(error: Error, depth = 0): WireError {
  const base = {
    name: String(error.name),
    message: String(error.message),
    stack: typeof error.stack === "string" ? error.stack : undefined,
    ...("cause" in error && depth < DEEPEST && { cause: [thrownToWire(error.cause, depth + 1)] as const }),
  };
  if (!isRinglineError(error)) return { ...base, fields: simpleFields({ ...error }, ["cause"]) };
  const { code, details, remedy, kernelId, stage, messageId } = error;
  return { ...base, code, details: simpleFields(details as object), remedy, kernelId, stage, messageId };
}

const BUILT_IN: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
} as Record<string, ErrorConstructor>;

export function errorFromWire(wire: WireError): Error {
  const { name, message, stack, code, cause } = wire;
  const options = cause === undefined ? {} : { cause: thrownFromWire(cause[0]) };
  const error = code === undefined ? foreign(wire, options) : own(wire, code, options);
  if (error.message !== message) Object.defineProperty(error, "message", { value: message, configurable: true });
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, configurable: true });
  if (wire.thread !== undefined) Object.defineProperty(error, "thread", { value: wire.thread, enumerable: true });
  if (stack !== undefined) Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  return error;
}

function own(wire: WireError, code: ErrorCode, options: ErrorOptions): Error {
  const { details, remedy, kernelId, stage, messageId } = wire;
  const type = errors[code] as new (details: unknown, options: object) => AnyRinglineError;
  return new type(details, { ...options, remedy, kernelId, stage, messageId });
}

function foreign({ name, message, fields }: WireError, options: ErrorOptions): Error {
  return Object.assign(new (BUILT_IN[name] ?? Error)(message, options), fields);
}

function simpleFields(fields: object, but: readonly string[] = []): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([key]) => !but.includes(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, simple(value)]));
}

/** A value that travels in any case: data as it is, to some depth; anything else in words. */
function simple(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value !== "object" || depth > DEEPEST) return show(value);
  if (Array.isArray(value)) return value.map((item) => simple(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return show(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, simple(item, depth + 1)]));
}
