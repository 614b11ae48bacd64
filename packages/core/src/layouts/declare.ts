import { errors } from "../errors/ringline-error.js";
import type { FieldPlan, StructPlan } from "./field-plan.js";
import { isAlike, structName } from "./wgsl-words.js";

/**
 * WGSL declarations of structs and of the structs inside them, each once. `named`: pairs of name and struct; a struct
 * that has a name there has it everywhere. Throws `INVALID_ARGUMENT` for two structs of one name.
 */
export function declareStructs(named: Iterable<readonly [name: string, plan: StructPlan]>): string {
  const done = new Map<string, StructPlan>();
  const texts: string[] = [];
  const declare = (name: string, plan: StructPlan): void => {
    const known = done.get(name);
    if (known !== undefined && !isAlike(known, plan)) throw doubled(name);
    if (known !== undefined) return;
    done.set(name, plan);
    for (const { plan: member } of plan.members) inner(member);
    const members = plan.members.map((member) => `${member.name}: ${wgslType(member.plan)}`);
    texts.push(`struct ${name} { ${members.join(", ")} }`);
  };
  const inner = (plan: FieldPlan): void => {
    if (plan.kind === "struct") declare(structName(plan), plan);
    else if (plan.kind === "array") inner(plan.of);
  };
  for (const [name, plan] of named) {
    for (const { of } of plan.buffers) inner(of);
    if (plan.members.length > 0) declare(name, plan);
  }
  return texts.join("\n");
}

function doubled(name: string) {
  const remedy = "Two structs of this shader have the same name and different fields: give one message type another.";
  return new errors.INVALID_ARGUMENT({ argument: "type", value: name }, { remedy });
}

/** Name of a field's type in WGSL. */
export function wgslType(plan: FieldPlan): string {
  switch (plan.kind) {
    case "scalar":
      return plan.isAtomic === true ? `atomic<${plan.scalar}>` : plan.scalar;
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
