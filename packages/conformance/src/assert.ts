import { type AnyRinglineError, type ErrorCode, isRinglineError } from "@ringline/core";
import { afterPatience, PATIENCE, patience } from "./patience.js";

export { PATIENCE, patience, soon } from "./patience.js";

/** A finding of a case. */
export class CaseFailure extends Error {
  readonly code: "CASE_FAILED" | "CASE_OVERDUE" = "CASE_FAILED";
  override readonly name: string = "CaseFailure";
}

/** A case has run out of time: because of a fault, or because the machine is slower than the limits allow for. */
export class CaseOverdue extends CaseFailure {
  override readonly code = "CASE_OVERDUE";
  override readonly name = "CaseOverdue";
}

/** True if the error of a case says only that a wait of the case was too short. */
export function isOverdue(error: unknown): boolean {
  return error instanceof CaseOverdue || (isRinglineError(error, "TIMEOUT") && error.details.timeout >= PATIENCE);
}

export function fail(what: string, cause?: unknown): never {
  throw new CaseFailure(what, cause === undefined ? undefined : { cause });
}

export function ok(value: unknown, what: string): asserts value {
  if (!value) fail(what);
}

/** Same value (`Object.is`). */
export function equal<T>(actual: T, expected: T, what = "value"): void {
  if (!Object.is(actual, expected)) fail(`${what}: got ${show(actual)}, wanted ${show(expected)}`);
}

/** Same structure: arrays, typed arrays, maps, sets and the enumerable own fields of objects. */
export function deepEqual<T>(actual: T, expected: T, what = "value"): void {
  if (!same(actual, expected)) fail(`${what}: got ${show(actual)}, wanted ${show(expected)}`);
}

/** The promise rejects with this code, before the patience of a case ends; returns the error. */
export async function rejects<Code extends ErrorCode>(
  promise: Promise<unknown>,
  code: Code,
  what = "the call",
): Promise<Extract<AnyRinglineError, { readonly code: Code }>> {
  let value: unknown;
  try {
    value = await within(PATIENCE, promise, what);
  } catch (error) {
    return expectCode(error, code, what);
  }
  fail(`${what}: resolved with ${show(value)}, wanted ${code}`);
}

/** The function throws, or the promise that it returns rejects, with this code; returns the error. */
export async function throws<Code extends ErrorCode>(
  call: () => unknown,
  code: Code,
  what = "the call",
): Promise<Extract<AnyRinglineError, { readonly code: Code }>> {
  return rejects((async () => call())(), code, what);
}

/** The function itself throws with this code, before it returns; returns the error. */
export function throwsNow<Code extends ErrorCode>(
  call: () => unknown,
  code: Code,
  what = "the call",
): Extract<AnyRinglineError, { readonly code: Code }> {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return expectCode(error, code, what);
  }
  fail(`${what}: returned ${show(value)}, wanted ${code}`);
}

function expectCode<Code extends ErrorCode>(error: unknown, code: Code, what: string) {
  if (error instanceof CaseFailure) throw error;
  if (!isRinglineError(error, code)) fail(`${what}: failed with ${show(error)}, wanted ${code}`, error);
  return error as Extract<AnyRinglineError, { readonly code: Code }>;
}

/** The outcome of the promise, unless it takes longer than `limit` milliseconds of an idle reference machine. */
export async function within<T>(limit: number, promise: PromiseLike<T>, what = "the wait"): Promise<T> {
  let cancel = () => {};
  const over = new Promise<never>((_, reject) => {
    cancel = afterPatience(limit, (lasted) => reject(new CaseOverdue(`${what}: not settled after ${lasted} ms`)));
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    cancel();
  }
}

/** Polls until `look` returns something truthy, and returns it: for states that no event reports. */
export async function until<T>(what: string, look: () => T | Promise<T>, limit = PATIENCE): Promise<T> {
  const start = performance.now();
  for (let pause = 0; ; pause = Math.min(pause + 1, 10)) {
    const seen = await within(limit, Promise.resolve(look()), what);
    if (seen) return seen;
    const lasted = performance.now() - start;
    if (lasted > limit && lasted > patience(limit))
      throw new CaseOverdue(`${what}: not so after ${Math.round(lasted)} ms`);
    await sleep(pause);
  }
}

/**
 * The promise is not settled after some milliseconds. A busy machine can hide a fault here, but never cause a false
 * one.
 */
export async function staysPending(promise: Promise<unknown>, what: string, time = 15): Promise<void> {
  let outcome: string | undefined;
  promise.then(
    (value) => {
      outcome = `resolved with ${show(value)}`;
    },
    (error) => {
      outcome = `rejected with ${show(error)}`;
    },
  );
  await sleep(time);
  if (outcome !== undefined) fail(`${what}: ${outcome}, should still wait`);
}

/** Waits, in cases about time itself. Never use it to wait for an event. */
export function sleep(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  // by tag, not by constructor: values of another realm have other constructors
  if (tagOf(a) !== tagOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof Map || a instanceof Set) return same([...a], [...(b as Iterable<unknown>)]);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key as never], b[key as never]));
}

const tagOf = (value: object): string => Object.prototype.toString.call(value);

/** A value in one short line; never throws, whatever its fields do. */
export function show(value: unknown): string {
  let text: string;
  try {
    text = textOf(value);
  } catch {
    text = `${value === null ? "null" : `a value of type ${typeof value}`}, which cannot be shown`;
  }
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function textOf(value: unknown): string {
  if (value instanceof Error) {
    const { code } = value as { code?: unknown };
    return `${typeof code === "string" ? code : value.name} (${value.message})`;
  }
  if (value instanceof Map) return `Map ${show([...value])}`;
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
