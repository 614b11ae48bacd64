const NAMES =
  "Object Array Map Set Date RegExp ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError".split(
    " ",
  );

/** Maps the prototype of a built-in class of another realm (a vm context, a frame) to the one of this realm. */
export function localOf(prototype: object): object | undefined {
  const top = chainOf(prototype).at(-1) as object;
  if (top === Object.prototype || !Object.hasOwn(top, "hasOwnProperty")) return undefined;
  const name = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value?.name;
  if (!NAMES.includes(name)) return undefined;
  const local = (globalThis as unknown as Record<string, { prototype: object } | undefined>)[name]?.prototype;
  // a derived class may have the name of a built-in one
  return local !== undefined && chainOf(local).length === chainOf(prototype).length ? local : undefined;
}

function chainOf(prototype: object): object[] {
  const chain: object[] = [];
  for (let one: object | null = prototype; one !== null; one = Object.getPrototypeOf(one)) chain.push(one);
  return chain;
}
