import { declareStructs, hasHalves, type MapPlan } from "@ringline/core/backend";
import { assemble, type BindingKind, type Shader } from "./shader.js";

/** Lanes of a workgroup. */
export const LANES = 64;
/** Bytes before the messages of a batch: how many there are, and how many groups. */
export const HEAD = 16;

/** Where a map stands in a chain. */
export interface MapPosition {
  /** It takes the batch as it came from the host; else what the stage before it left. */
  readonly isFirst: boolean;
  /** Some stage of the chain is a filter, so that each message has a mark. */
  readonly hasMarks: boolean;
  /** From 0. */
  readonly index: number;
}

/**
 * The shader of a map. Bindings: 0 the batch, 1 the output; then, where there are such, the input of an inner stage, the
 * marks, the state, and the groups of messages that share a slot.
 */
export function mapShader(plan: MapPlan, position: MapPosition): Shader {
  const { isFirst, hasMarks } = position;
  const { input, output, state } = plan;
  const structs: [string, typeof input.plan][] = [
    [input.type, input.plan],
    [output.type, output.plan],
  ];
  if (state !== undefined) structs.push(["State", state.plan]);
  const bindings: BindingKind[] = ["read-only-storage", "storage"];
  const bind = (access: "read" | "read_write", declaration: string): string => {
    const text = `@group(0) @binding(${bindings.length}) var<storage, ${access}> ${declaration};`;
    bindings.push(access === "read" ? "read-only-storage" : "storage");
    return text;
  };
  const head = [
    structs.some(([, struct]) => hasHalves(struct)) ? "enable f16;" : "",
    declareStructs(structs),
    isFirst
      ? `struct RinglineBatch { count: u32, @size(12) groups: u32, messages: array<${input.type}> }`
      : "struct RinglineBatch { count: u32, groups: u32 }",
    "@group(0) @binding(0) var<storage, read> ringline_batch: RinglineBatch;",
    `@group(0) @binding(1) var<storage, read_write> ringline_out: array<${output.type}>;`,
    isFirst ? "" : bind("read", `ringline_in: array<${input.type}>`),
    hasMarks ? bind("read_write", "ringline_marks: array<u32>") : "",
    state === undefined ? "" : bind("read_write", "ringline_state: array<State>"),
    state === undefined || !isFirst ? "" : bind("read", "ringline_groups: array<u32>"),
  ];
  return { ...assemble(head, plan.wgsl, [one(plan, position), main(plan, position)]), bindings };
}

const messageAt = (isFirst: boolean) => (isFirst ? "ringline_batch.messages[i]" : "ringline_in[i]");

/** What is done for one message. */
function one({ output, state, filter }: MapPlan, { isFirst, hasMarks, index }: MapPosition): string {
  const slot = state === undefined ? "" : ", &ringline_state[slot]";
  const call = filter
    ? `var made: ${output.type}; let kept = map(${messageAt(isFirst)}, &made${slot}); ringline_out[i] = made;`
    : `ringline_out[i] = map(${messageAt(isFirst)}${slot});`;
  const mark = hasMarks ? `ringline_marks[i] = ${filter ? `select(${index + 2}u, 1u, kept)` : "1u"};` : "";
  return `fn ringline_one(i: u32${state === undefined ? "" : ", slot: u32"}) { ${call} ${mark} }`;
}

function main(plan: MapPlan, { isFirst, hasMarks }: MapPosition): string {
  const isGone = hasMarks && !isFirst ? "ringline_marks[i] != 1u" : "false";
  const begin = `@compute @workgroup_size(${LANES}) fn ringline_main(@builtin(global_invocation_id) id: vec3u)`;
  const { state } = plan;
  if (state === undefined) {
    return `${begin} { let i = id.x; if (i >= ringline_batch.count || ${isGone}) { return; } ringline_one(i); }`;
  }
  if (isFirst) {
    // the messages of a slot lie together: one lane takes them in order
    return (
      `${begin} { let g = id.x; if (g >= ringline_batch.groups) { return; } let slot = ringline_groups[2u * g]; ` +
      "for (var i = ringline_groups[2u * g + 1u]; i < ringline_groups[2u * g + 3u]; i++) { ringline_one(i, slot); } }"
    );
  }
  // which slot a message belongs to is known on the device only: one lane for each slot looks for its own
  return (
    `${begin} { let slot = id.x; if (slot >= ${state.slots}u) { return; } ` +
    `for (var i = 0u; i < ringline_batch.count; i++) { if (${isGone}) { continue; } ` +
    `if (${slotText(plan, messageAt(false))} == slot) { ringline_one(i, slot); } } }`
  );
}

function slotText({ input, state }: MapPlan, message: string): string {
  const { key, slots } = state as NonNullable<MapPlan["state"]>;
  const field = input.plan.members.find(({ name }) => name === key)?.plan;
  const isSigned = field?.kind === "scalar" && field.scalar === "i32";
  return isSigned ? `u32(((${message}.${key} % ${slots}) + ${slots}) % ${slots})` : `(${message}.${key} % ${slots}u)`;
}
