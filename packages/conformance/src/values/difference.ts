/** Two values to compare, and the path that leads to them. */
type Pair = readonly [actual: unknown, expected: unknown, path: string];

/**
 * Path at which two values differ, in class, content or object identity of their parts; undefined if they do not.
 * Pairs that were compared are not compared again, so that cyclic values end; no depth overflows the stack.
 */
export function difference(actual: unknown, expected: unknown, path = "value"): string | undefined {
  const there = new Map<object, object>();
  const back = new Map<object, object>();
  const pairs: Pair[] = [[actual, expected, path]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [one, other, at] = pair;
    if (typeof other !== "object" || other === null || typeof one !== "object" || one === null) {
      if (!Object.is(one, other)) return at;
    } else if (there.has(other) || back.has(one)) {
      if (there.get(other) !== one) return `${at} (which object it is)`;
    } else {
      there.set(other, one);
      back.set(one, other);
      if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return `${at} (its class)`;
      const fields = fieldsOf(one, other, at);
      if (typeof fields === "string") return fields;
      for (const field of fields.reverse()) pairs.push(field); // the first is compared first
      pairs.push([contentOf(one), contentOf(other), at]);
    }
  }
  return undefined;
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

/** The fields to compare; the path of the first one that only one of the objects has. */
function fieldsOf(actual: object, expected: object, path: string): Pair[] | string {
  if (ArrayBuffer.isView(expected)) return [];
  const [own, wanted] = [Object.entries(actual), Object.entries(expected)];
  if (own.length !== wanted.length) return `${path} (its fields)`;
  const moved = wanted.find(([key], i) => own[i]?.[0] !== key);
  if (moved !== undefined) return `${path}.${moved[0]}`;
  return wanted.map(([key, value], i) => [own[i]?.[1], value, `${path}.${key}`]);
}
