import type { StandardSchemaV1 } from "@standard-schema/spec";
import { errors } from "../errors/ringline-error.js";
import type { SchemaIssue } from "../errors/table.js";
import type { Header } from "./header.js";

/**
 * Schema of a body declared by its type alone. Named here so that users' declarations never mention the spec's package.
 */
export interface TypeOnly<Body> extends StandardSchemaV1<Body, Body> {}

const typeOnly: TypeOnly<never> = {
  "~standard": { version: 1, vendor: "ringline", validate: (value) => ({ value: value as never }) },
};

/**
 * Declares a body by its type alone: no validation, and no cost at run time.
 *
 * @example
 * const Num = defineMessage("Num", body<{ n: number }>());
 */
export function body<Body extends object>(): TypeOnly<Body> {
  return typeOnly;
}

export function isTypeOnly(schema: StandardSchemaV1): boolean {
  return (schema as unknown) === typeOnly;
}

/**
 * Validates a value and returns the output. Throws `INVALID_MESSAGE`, and `INVALID_ARGUMENT` for an asynchronous
 * schema.
 */
export function validate(schema: StandardSchemaV1, value: unknown, type: string): object {
  const result = schema["~standard"].validate(value);
  if (isThenable(result)) throw asynchronous(type, result);
  if (result.issues) throw new errors.INVALID_MESSAGE({ type, issues: Array.from(result.issues, plain) });
  return result.value as object;
}

/** Copies an issue: validators add properties of their own, which may not be copyable. */
function plain({ message, path }: StandardSchemaV1.Issue): SchemaIssue {
  return { message, ...(path && { path: Array.from(path, (step) => (typeof step === "object" ? step.key : step)) }) };
}

/** Rejects a value that is no schema, and a schema that is known to be asynchronous. Throws `INVALID_ARGUMENT`. */
export function checkSchema(schema: StandardSchemaV1, type: string, argument = "body"): void {
  if (typeof schema?.["~standard"]?.validate !== "function") {
    throw new errors.INVALID_ARGUMENT(
      { argument, value: schema },
      { remedy: `Define "${type}" with body<T>(), with any Standard Schema, or without one.` },
    );
  }
  if (isTypeOnly(schema)) return;
  let trial: unknown;
  try {
    trial = schema["~standard"].validate(undefined);
  } catch {
    return; // a schema may throw on a trial value; actual values are validated later
  }
  if (isThenable(trial)) throw asynchronous(type, trial);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

function asynchronous(type: string, result: PromiseLike<unknown>) {
  Promise.resolve(result).catch(() => {}); // the outcome is unused, and a rejection must not end the process
  return new errors.INVALID_ARGUMENT(
    { argument: "schema", value: "asynchronous" },
    { remedy: `The schema of "${type}" must be synchronous: do asynchronous checks in a kernel.` },
  );
}

/** `Schema` if `Body` can be a body; otherwise a sentence, which the compiler prints. */
export type WithBody<Body, Schema> =
  IsAny<Body> extends true ? Schema : Unless<Fit<Body>, Exclude<Reason<Body>, true>, Schema>;

/**
 * `Problem` if `Fit` is never, `Fine` otherwise. The condition is reversed because any type is assignable to all but
 * never: the compiler then chooses `Fine` also if `Fit` depends on a type parameter, so that generic functions compile.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Unless<Fit, Problem, Fine> = [any] extends [Fit] ? Fine : Problem;

type AnyFunction = Function;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Values that are not records of fields. */
type NoRecord = AnyFunction | { readonly [Symbol.iterator]: unknown } | { readonly [Symbol.toPrimitive]: unknown };
type Reserved = keyof Header | "then" | "toJSON";

/** Names of the fields that hold functions, such as the methods of a class. */
type Methods<Body> = {
  [Name in keyof Body]-?: IsAny<Body[Name]> extends true
    ? never
    : [Body[Name]] extends [never]
      ? never
      : Body[Name] extends AnyFunction
        ? Name
        : never;
}[keyof Body];

/** The reason why a type cannot be a body; `true` if it can. For a union, one unfit member gives a reason. */
type Reason<Body> = Body extends NoRecord
  ? "a body is a record of named fields: put a list, a Map, a Date or the like into a field of it"
  : [keyof Body & Reserved] extends [never]
    ? [Methods<Body>] extends [never]
      ? true
      : `'${Methods<Body> & string}' is a function: a message carries data, which a copy keeps; make the body a plain record`
    : `'${keyof Body & Reserved}' is a name that every message uses: rename it in the body`;

/** `never` if there is a reason against the type. */
type Fit<Body> = [Exclude<Reason<Body>, true>] extends [never] ? true : never;
