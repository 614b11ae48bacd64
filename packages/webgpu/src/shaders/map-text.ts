import { declareStructs, hasHalves, type MapPlan, type StructPlan } from "@ringline/core/internal";
import { wrong } from "./pass-text.js";
import { functionsIn, type UserText, userText } from "./wgsl-text.js";

/** Lanes of a workgroup. */
export const LANES = 64;
/** Bytes before the messages of a batch: how many there are, and how many groups. */
export const HEAD = 16;

const structsOf = ({ input, output, state }: MapPlan): [string, StructPlan][] => [
  [input.type, input.plan],
  [output.type, output.plan],
  ...(state === undefined ? [] : [["State", state.plan] as [string, StructPlan]]),
];

/** The structs that the user's text knows. */
export const declareMap = (plan: MapPlan): string => declareStructs(structsOf(plan));

/** The user's text. Throws `INVALID_ARGUMENT` where it has no function `map`. */
export function mapText(plan: MapPlan): UserText {
  const text = userText(
    plan.wgsl,
    structsOf(plan)
      .map(([, struct]) => struct)
      .some(hasHalves),
  );
  if (functionsIn(text.code).has("map")) return text;
  throw wrong("wgsl", plan.wgsl, "The text of a map declares a function `map`.");
}

/** The batch as it comes from the host, its messages where they are read there. */
export const declareBatch = (messages?: string) =>
  messages === undefined
    ? "struct RinglineBatch { count: u32, groups: u32 }"
    : `struct RinglineBatch { count: u32, @size(12) groups: u32, messages: array<${messages}> }`;

/** Statements that make `combined` of a message, and `kept` where the map is a filter. `state`: a pointer to the slot. */
export function makeOne({ output, filter }: MapPlan, message: string, state: string | undefined): string {
  const slot = state === undefined ? "" : `, ${state}`;
  return filter
    ? `var made: ${output.type}; let kept = map(${message}, &made${slot});`
    : `let made = map(${message}${slot}); let kept = true;`;
}

/**
 * One lane for each slot that the batch has messages for: it takes them in order, those alone that `isTaken` says.
 * `ringline_one` is called with `argument`, both written with `i`, the place of the message in the batch.
 */
export const eachGroup = (isTaken: string, argument: string) =>
  "let g = id.x; if (g >= ringline_batch.groups) { return; } let slot = ringline_groups[2u * g]; " +
  "let order = 2u * ringline_batch.groups + 2u; " +
  "for (var at = ringline_groups[2u * g + 1u]; at < ringline_groups[2u * g + 3u]; at++) { " +
  `let i = ringline_groups[order + at]; if (${isTaken}) { ringline_one(${argument}, slot); } }`;

/**
 * One lane for each slot, which looks for its own messages: which these are is known on the device only. `message` is
 * written with `i`, which goes up to `count`.
 */
export const eachSlot = (plan: MapPlan, count: string, isTaken: string, message: string) =>
  `let slot = id.x; if (slot >= ${plan.state?.slots}u) { return; } ` +
  `for (var i = 0u; i < ${count}; i++) { if (${isTaken}) { ` +
  `if (${slotText(plan, message)} == slot) { ringline_one(i, slot); } } }`;

function slotText({ input, state }: MapPlan, message: string): string {
  const { key, slots } = state as NonNullable<MapPlan["state"]>;
  const field = input.plan.members.find(({ name }) => name === key)?.plan;
  const isSigned = field?.kind === "scalar" && field.scalar === "i32";
  return isSigned ? `u32(((${message}.${key} % ${slots}) + ${slots}) % ${slots})` : `(${message}.${key} % ${slots}u)`;
}

export const entry = (name: string, outputQueues: number, body: string) =>
  `@compute @workgroup_size(${outputQueues}) fn ${name}(@builtin(global_invocation_id) id: vec3u) { ${body} }`;
