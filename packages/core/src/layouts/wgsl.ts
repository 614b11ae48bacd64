import { errors } from "../errors/ringline-error.js";
import type { FieldPlan, StructPlan } from "./field-plan.js";

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

const KEYWORDS =
  "alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let " +
  "loop override requires return struct switch true var while";

const RESERVED =
  "NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class " +
  "co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast consteval " +
  "constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export " +
  "extends extern external fallthrough filter final finally friend from fxgroup get goto groupshared highp impl " +
  "implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod module move mut " +
  "mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of " +
  "operator package packoffset partial pass patch pixelfragment precise precision premerge priv protected pub public " +
  "readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth snorm " +
  "static static_assert static_cast std subroutine super target template this thread_local throw trait try type typedef " +
  "typeid typename typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where with " +
  "writeonly yield";

/**
 * Words that cannot be names in WGSL: its keywords, and the words that it reserves
 * (https://www.w3.org/TR/WGSL/#reserved-words).
 */
export const WGSL_WORDS: ReadonlySet<string> = new Set(`${KEYWORDS} ${RESERVED}`.split(" "));

const textOf = (plan: StructPlan) => JSON.stringify([plan.members, plan.buffers.map(({ name, of }) => [name, of])]);

/** True if two structs have the same memory layout and the same names. */
export const isAlike = (one: StructPlan, other: StructPlan): boolean => one === other || textOf(one) === textOf(other);

/**
 * Name of a struct that users did not name; structs that are alike get the same name, so that a shader declares them
 * once.
 */
export function structName(plan: StructPlan): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(plan.members)) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return `Struct_${hash.toString(36)}`;
}
