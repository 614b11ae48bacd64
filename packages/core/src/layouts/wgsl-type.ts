import type { FieldPlan } from "./field-plan.js";
import { structName } from "./struct-name.js";

/** Name of a field's type in WGSL. */
export function wgslType(plan: FieldPlan): string {
  switch (plan.kind) {
    case "scalar":
      return plan.scalar;
    case "vector":
      return `vec${plan.width}<${plan.scalar}>`;
    case "array":
      return `array<${wgslType(plan.of)}, ${plan.length}>`;
    case "struct":
      return structName(plan);
    case "buffer":
      return `array<${wgslType(plan.of)}>`;
  }
}
