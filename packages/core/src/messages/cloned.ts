import { errors, type RinglineErrorOptions } from "../errors/ringline-error.js";

/** A structured clone. Throws `SERIALIZATION` with the path of the field that cannot be copied. */
export function cloned<T>(value: T, options: RinglineErrorOptions = {}): T {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new errors.SERIALIZATION({ path: pathOfFault(value, new Set()) ?? "" }, { cause, ...options });
  }
}

/** Where in `value` the part is that cannot be cloned: "steps.0.run". */
function pathOfFault(value: unknown, seen: Set<unknown>): string | undefined {
  if (clones(value)) return undefined;
  if (typeof value !== "object" || value === null || seen.has(value)) return "";
  seen.add(value);
  for (const [key, part] of Object.entries(value)) {
    const below = pathOfFault(part, seen);
    if (below !== undefined) return below === "" ? key : `${key}.${below}`;
  }
  return "";
}

function clones(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
