/** A kind of value, and its form after a copy. On every backend that copies it is the same. */
export interface ValueKind {
  readonly name: string;
  /** Undefined where the platform has no such value. */
  make(): unknown;
  /**
   * Expected result of sending a value: "equal", with its identity wherever it stands twice; refused at `send` with
   * `SERIALIZATION` and this path below its field; or converted by `becomes`.
   */
  readonly answer: "equal" | { readonly refused: string } | { readonly becomes: (value: never) => unknown };
  /** Reason for a rejection or a conversion, in a few words. */
  readonly note?: string;
}

export interface ValueGroup {
  readonly title: string;
  readonly kinds: readonly ValueKind[];
}

type Make = () => unknown;

/** Values that arrive equal, by name. */
export function equal(values: Readonly<Record<string, Make>>): ValueKind[] {
  return Object.entries(values).map(([name, make]) => ({ name, make, answer: "equal" }));
}

/** Values that are rejected, by name, with the path of the fault if it is not the whole value. */
export function refused(
  note: string,
  values: Readonly<Record<string, Make | readonly [Make, path: string]>>,
): ValueKind[] {
  return Object.entries(values).map(([name, value]) => {
    const [make, path] = typeof value === "function" ? [value, ""] : value;
    return { name, make, answer: { refused: path }, note };
  });
}

/** A value that arrives as another one. */
export function converted<T>(name: string, note: string, make: () => T, becomes: (value: T) => unknown): ValueKind {
  return { name, make, answer: { becomes }, note };
}

/** A global of the platform; undefined where it has none. */
export function platform<T>(name: string): T | undefined {
  return (globalThis as unknown as Readonly<Record<string, T | undefined>>)[name];
}
