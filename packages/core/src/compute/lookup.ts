import { type Elements, elementsOf } from "../buffers/elements.js";
import { elementPlan } from "../layouts/field.js";
import { IDENTIFIER } from "../layouts/struct.js";
import { WGSL_WORDS } from "../layouts/wgsl.js";
import type { LookupPlan } from "./compute-plan.js";
import { GENERATED, NAMES_ARRAY, wrong } from "./plan-checks.js";

/** Checks the lookup arrays of a definition. Throws `INVALID_ARGUMENT`. */
export function lookupPlans(lookups: unknown): readonly LookupPlan[] {
  return Object.entries(lookups ?? {}).map(([name, one]) => {
    const { of, values } = (one ?? {}) as { readonly of?: unknown; readonly values?: unknown };
    const argument = `lookups.${name}`;
    if (!IDENTIFIER.test(name) || WGSL_WORDS.has(name) || GENERATED.test(name))
      throw wrong(argument, name, NAMES_ARRAY);
    const plan = elementPlan(`${argument}.of`, of);
    if (typeof values !== "function" && typeof (values as ArrayLike<unknown> | undefined)?.length !== "number") {
      throw wrong(`${argument}.values`, values, "`values` is a list, or a function that returns one.");
    }
    let made: ReturnType<LookupPlan["values"]> | undefined;
    const lookup = () => {
      made ??= valuesOf(
        argument,
        elementsOf(of) as Elements<unknown>,
        typeof values === "function" ? values() : values,
      );
      return made;
    };
    return { name, of: plan, values: lookup };
  });
}

/** Copies values to memory of their elements, padded to whole words. */
function valuesOf(argument: string, { stride, over, fill }: Elements<unknown>, from: ArrayLike<unknown>) {
  const { length } = from;
  if (!(length > 0)) throw wrong(`${argument}.values`, from, "A lookup array has at least one value.");
  const bytes = new Uint8Array(Math.ceil((length * stride) / 4) * 4);
  if (fill === undefined) (over(bytes.buffer, 0, length) as Float32Array).set(from as ArrayLike<number>);
  else fill(bytes.buffer, 0, from, 0);
  return { bytes, many: over(bytes.buffer, 0, length), length };
}

/** Function that returns lookup arrays as host bodies get them. */
export function hostLookups(lookups: readonly LookupPlan[]): () => never {
  let made: object | undefined;
  return () => {
    made ??= Object.fromEntries(lookups.map(({ name, values }) => [name, values().many]));
    return made as never;
  };
}
