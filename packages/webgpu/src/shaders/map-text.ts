import { declareStructs, hasHalves, type MapPlan, type StructPlan, wgslType } from "@ringline/core/internal";
import type { Bindings } from "./bindings.js";
import { wrong } from "./pass-text.js";
import { functionsIn, type UserText, userText } from "./wgsl-text.js";

/** Invocations per workgroup. */
export const LANES = 64;
/** Bytes before the messages of a batch: number of messages, number of groups. */
export const HEAD = 16;

/**
 * Bits of a mark above which it holds the number of outputs. The mark of a message is 1, or 2 plus the index of the stage
 * that discarded the message.
 */
export const COUNT_SHIFT = 8;

/** Expression of the mark of a message that all stages kept. */
export const keptMark = ({ outputs }: MapPlan) =>
  outputs === undefined ? "1u" : `(1u | (min(made_count, ${2 ** (32 - COUNT_SHIFT) - 1}u) << ${COUNT_SHIFT}u))`;

const structsOf = ({ input, output, state }: MapPlan): [string, StructPlan][] => [
  [input.type, input.plan],
  [output.type, output.plan],
  ...(state === undefined ? [] : [["State", state.plan] as [string, StructPlan]]),
];

/** Declarations of the structs that the user's text refers to. */
export const declareMap = (plan: MapPlan): string => declareStructs(structsOf(plan));

/** Declarations of the lookup arrays. */
export const declareLookups = ({ lookups }: MapPlan, bindings: Bindings): string[] =>
  lookups.map(({ name, of }) => bindings.storage("read", `${name}: array<${wgslType(of)}>`));

/** Type of the outputs of one message in WGSL. */
export const madeType = ({ output, outputs }: MapPlan) =>
  outputs === undefined ? output.type : `array<${output.type}, ${outputs}>`;

/** Bytes of the outputs of one message. */
export const madeBytes = ({ output, outputs = 1 }: MapPlan) => output.stride * outputs;

/** Reads the user's text. Throws `INVALID_ARGUMENT` if it has no function `map`. */
export function mapText(plan: MapPlan): UserText {
  const text = userText(
    plan.wgsl,
    structsOf(plan)
      .map(([, struct]) => struct)
      .some(hasHalves) || plan.lookups.some(({ of }) => hasHalves(of)),
  );
  if (functionsIn(text.code).has("map")) return text;
  throw wrong("wgsl", plan.wgsl, "The text of a map declares a function `map`.");
}

/** Declaration of the batch from the host, with its messages if the stage reads them. */
export const declareBatch = (messages?: string) =>
  messages === undefined
    ? "struct RinglineBatch { count: u32, groups: u32 }"
    : `struct RinglineBatch { count: u32, @size(12) groups: u32, messages: array<${messages}> }`;

/**
 * Statements that make `made` from a message, and `kept`: false if a filter discards the message. `state`: a pointer to
 * the slot. A map with several outputs also makes `made_count`.
 */
export function makeOne(plan: MapPlan, message: string, state: string | undefined): string {
  const { output, outputs, filter } = plan;
  const slot = state === undefined ? "" : `, ${state}`;
  if (outputs !== undefined) {
    return `var made: ${madeType(plan)}; let made_count = map(${message}, &made${slot}); let kept = made_count > 0u;`;
  }
  return filter
    ? `var made: ${output.type}; let kept = map(${message}, &made${slot});`
    : `let made = map(${message}${slot}); let kept = true;`;
}

/**
 * Code with one invocation per slot that has messages in the batch: it processes those in order for which `isTaken`
 * holds. `ringline_one` is called with `argument`; both expressions use `i`, the index of the message in the batch.
 */
export const eachGroup = (isTaken: string, argument: string) =>
  "let g = id.x; if (g >= ringline_batch.groups) { return; } let slot = ringline_groups[2u * g]; " +
  "let order = 2u * ringline_batch.groups + 2u; " +
  "for (var at = ringline_groups[2u * g + 1u]; at < ringline_groups[2u * g + 3u]; at++) { " +
  `let i = ringline_groups[order + at]; if (${isTaken}) { ringline_one(${argument}, slot); } }`;

/**
 * Code with one invocation per slot, which searches for its own messages, as only the device knows them. `message` is
 * an expression in `i`, which runs up to `count`.
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
