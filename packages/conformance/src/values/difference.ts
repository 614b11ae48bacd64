/** Pairs of objects that stand for each other, looked up both ways. */
interface Pairs {
  readonly there: Map<object, object>;
  readonly back: Map<object, object>;
}

/**
 * Path at which two values differ, in class, content or object identity of their parts; undefined if they do not. Pairs
 * are compared once, so that cyclic values end.
 */
export function difference(
  actual: unknown,
  expected: unknown,
  path = "value",
  pairs: Pairs = { there: new Map(), back: new Map() },
): string | undefined {
  if (typeof expected !== "object" || expected === null || typeof actual !== "object" || actual === null) {
    return Object.is(actual, expected) ? undefined : path;
  }
  const { there, back } = pairs;
  if (there.has(expected) || back.has(actual)) {
    return there.get(expected) === actual ? undefined : `${path} (which object it is)`;
  }
  there.set(expected, actual);
  back.set(actual, expected);
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return `${path} (its class)`;
  const content = [actual, expected].map(contentOf) as [unknown, unknown];
  if (content[0] !== undefined || content[1] !== undefined) {
    const below = difference(content[0], content[1], path, pairs);
    if (below !== undefined) return below;
  }
  return fieldsDiffer(actual, expected, path, pairs);
}

/** Content of an object beside its fields. */
function contentOf(value: object): unknown {
  if (value instanceof Date) return value.getTime();
  if (value instanceof RegExp) return `${value} ${value.lastIndex}`;
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof ArrayBuffer) return bytesOf(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) return bytesOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.length;
  if (!(value instanceof Error)) return undefined;
  const hidden = ["message", "stack", "cause", "errors"].filter((name) => Object.hasOwn(value, name));
  return [value.name, ...hidden.map((name) => [name, (value as unknown as Record<string, unknown>)[name]])];
}

function bytesOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function fieldsDiffer(actual: object, expected: object, path: string, pairs: Pairs): string | undefined {
  if (ArrayBuffer.isView(expected)) return undefined;
  const [own, wanted] = [Object.keys(actual), Object.keys(expected)];
  if (own.length !== wanted.length) return `${path} (its fields)`;
  for (const [i, key] of wanted.entries()) {
    if (own[i] !== key) return `${path}.${key}`;
    const [one, other] = [actual, expected].map((value) => (value as Record<string, unknown>)[key]);
    const below = difference(one, other, `${path}.${key}`, pairs);
    if (below !== undefined) return below;
  }
  return undefined;
}
