import type { StructPlan } from "./field-plan.js";

const textOf = (plan: StructPlan) => JSON.stringify([plan.members, plan.buffers.map(({ name, of }) => [name, of])]);

/** True for two structs that lie in memory in the same way, under the same names. */
export const isAlike = (one: StructPlan, other: StructPlan): boolean => one === other || textOf(one) === textOf(other);

/** The name of a struct that users gave none: two that are alike have one name, so that a shader declares each once. */
export function structName(plan: StructPlan): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(plan.members)) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return `Struct_${hash.toString(36)}`;
}
