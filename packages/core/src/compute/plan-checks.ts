import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import { strideOf } from "../layouts/field-plan.js";
import type { Layout } from "../layouts/struct.js";
import { isAlike, WGSL_WORDS } from "../layouts/wgsl.js";
import type { CommonPlan, LayoutEnd, VariantPlan } from "./compute-plan.js";

// biome-ignore lint/suspicious/noExplicitAny: the definition was checked by its type
type Any = any;

/** Names that generated WGSL uses. */
export const GENERATED =
  /^(ringline_|Ringline|(array|atomic|bool|ptr|select|[fiu]32|f16|mat\dx\d[fh]?|vec[234][fhiu]?)$)/;
export const NAMES_ARRAY =
  "In WGSL it would be the name of a variable: none that another array or a type has, or that WGSL or Ringline uses itself.";

/** Input and output of a compute kernel. */
export interface Ends {
  readonly input: LayoutEnd;
  readonly output: LayoutEnd;
}

/** Checks that one shader can declare both structs. */
export function checkStructNames({ input, output }: Ends): void {
  if (input.type !== output.type || isAlike(input.plan, output.plan)) return;
  const remedy = `Input and output are two structs in WGSL, and both would be "${output.type}": give one another name.`;
  throw wrong("output", output.type, remedy);
}

/** Checks the options that maps and programs have in common. */
export function common(given: Any): Omit<CommonPlan, "input" | "output" | "lookups" | "variants"> {
  const { wgsl, tolerance = 0, constants = {}, fallback = "error" } = given;
  if (typeof wgsl !== "string") throw wrong("wgsl", wgsl, "`wgsl` is the text of the device body.");
  if (!(typeof tolerance === "number" && tolerance >= 0)) {
    throw wrong("tolerance", tolerance, "`tolerance` is a number, 0 or more.");
  }
  for (const [name, value] of Object.entries(constants)) {
    if (typeof value === "number" || typeof value === "boolean") continue;
    throw wrong(`constants.${name}`, value, "A constant is a number, true or false.");
  }
  if (fallback !== "error" && fallback !== "host")
    throw wrong("fallback", fallback, '`fallback` is "error" or "host".');
  const numbers = Object.entries(constants).map(([name, value]) => [name, Number(value)]);
  return { wgsl, tolerance, constants: Object.fromEntries(numbers), fallsBack: fallback === "host" };
}

/** Checks the other device bodies. `passes`: checks those of a program. */
export function variantPlans(variants: Any = [], passes?: (given: unknown) => VariantPlan["passes"]): VariantPlan[] {
  if (!Array.isArray(variants)) throw wrong("variants", variants, "`variants` is a list of { features, wgsl }.");
  return variants.map((variant) => {
    const known = ["features", "wgsl", ...(passes === undefined ? [] : ["passes"])];
    checkOptions(variant, known, "a variant", { path: "variants." });
    const { features, wgsl } = variant;
    if (!Array.isArray(features) || features.length === 0 || !features.every((one) => typeof one === "string")) {
      throw wrong("variants.features", features, "`features` lists features of WebGPU, such as subgroups.");
    }
    if (typeof wgsl !== "string") throw wrong("variants.wgsl", wgsl, "`wgsl` is the text of the device body.");
    return { features, wgsl, passes: variant.passes === undefined ? undefined : passes?.(variant.passes) };
  });
}

export function fixedEnd(argument: string, type: unknown): LayoutEnd {
  const fixed = end(argument, type);
  if (fixed.plan.buffers.length === 0) return fixed;
  throw wrong(argument, type, `A map has no place for the buffer in "${fixed.type}": use kind "program".`);
}

export function end(argument: string, message: unknown): LayoutEnd {
  const { type, schema } = (message ?? {}) as { type?: unknown; schema?: Partial<Layout<object>> };
  const plan = schema?.["~plan"];
  if (plan?.kind !== "struct" || typeof type !== "string") {
    throw wrong(
      argument,
      message,
      "Compute kernels take and give one message type each, defined with a struct({ … }).",
    );
  }
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(type) || WGSL_WORDS.has(type) || GENERATED.test(type)) {
    throw wrong(
      argument,
      type,
      "The message type names a struct in WGSL: letters, digits and _, no word that WGSL keeps.",
    );
  }
  return { type, plan, stride: strideOf(plan) };
}

export function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
