import type { StructPlan } from "./field-plan.js";

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
