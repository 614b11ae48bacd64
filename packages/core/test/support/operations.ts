import fc from "fast-check";

/** Mostly few levels, so that they meet; now and then any. */
export const priority = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 127, 128, 255) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
);
export const timeout = fc.constantFrom(undefined, 0, 5, 20, Number.POSITIVE_INFINITY);
/** Index into a list, taken modulo its length. */
export const pick = fc.nat({ max: 1000 });

/** A random list of operations; weights say how often each kind comes. */
export function operations<Operation>(
  ...kinds: { readonly weight: number; readonly arbitrary: fc.Arbitrary<Operation> }[]
): fc.Arbitrary<Operation[]> {
  return fc.array(fc.oneof(...kinds), { maxLength: 60, size: "max" });
}

/** One kind of operation: its name and its random parameters. */
export function kind<const Name extends string, Parameters extends object = {}>(
  weight: number,
  name: Name,
  parameters: { [Key in keyof Parameters]: fc.Arbitrary<Parameters[Key]> } = {} as never,
): { weight: number; arbitrary: fc.Arbitrary<{ readonly do: Name } & Parameters> } {
  return { weight, arbitrary: fc.record({ do: fc.constant(name), ...parameters }) as never };
}
