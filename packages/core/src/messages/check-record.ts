import { errors } from "../errors/ringline-error.js";
import { isMessage } from "./any-message.js";

/**
 * Returns the body if it is a record of fields. Throws `INVALID_MESSAGE` for lists, maps, dates, functions and the
 * like, and for instances of classes with methods: a message keeps own fields only, so their content or methods would
 * be lost.
 */
export function checkRecord(type: string, body: unknown): object {
  let kind: string;
  try {
    // not by `reading`: its closure would cost every message 95 bytes
    if (isBody(body)) return body;
    kind = kindOf(body);
  } catch (cause) {
    throw unreadable(type, cause);
  }
  throw new errors.INVALID_MESSAGE({ type, issues: [{ message: `${kind} is no record of fields` }] });
}

function isBody(body: unknown): body is object {
  if (typeof body !== "object" || body === null) return false;
  const prototype: unknown = Object.getPrototypeOf(body);
  return prototype === Object.prototype || prototype === null || isMessage(body) || isRecord(body);
}

/** Reads a body, which may have getters. Throws `INVALID_MESSAGE` with what they throw as its cause. */
export function reading<T>(type: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(type, cause);
  }
}

function unreadable(type: string, cause: unknown): Error {
  return new errors.INVALID_MESSAGE({ type, issues: [{ message: "cannot be read" }] }, { cause });
}

/** Throws `INVALID_MESSAGE` if there is any field: for message types without a body. */
export function checkEmpty(type: string, body: object): object {
  const issues = Object.keys(body).map((field) => ({
    message: "is no field of this message, which has none; header fields go into the second argument",
    path: [field],
  }));
  if (issues.length > 0) throw new errors.INVALID_MESSAGE({ type, issues });
  return body;
}

/** True for a record of another realm, or an instance of a class without methods and accessors. */
function isRecord(body: object): boolean {
  if (Object.prototype.toString.call(body) !== "[object Object]") return false;
  for (let one: object = Object.getPrototypeOf(body); ; ) {
    const next: object | null = Object.getPrototypeOf(one);
    if (next === null) return true; // the prototype of all objects
    if (Reflect.ownKeys(one).some((key) => key !== "constructor")) return false;
    one = next;
  }
}

function kindOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return body == null ? String(body) : `a ${typeof body}`;
  const { name } = (body.constructor ?? {}) as { readonly name?: unknown };
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "this object";
}
