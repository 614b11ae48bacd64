import type { FieldPlan, StructPlan } from "./field-plan.js";
import { structName } from "./struct-name.js";
import { wgslType } from "./wgsl-type.js";

/**
 * The declarations of some structs and of those inside them, each once. `named`: pairs of name and struct; a struct that
 * is known by name is called so everywhere.
 */
export function declareStructs(named: Iterable<readonly [name: string, plan: StructPlan]>): string {
  const done = new Set<string>();
  const texts: string[] = [];
  const declare = (name: string, plan: StructPlan): void => {
    if (done.has(name)) return;
    done.add(name);
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
