import type { MapPlan } from "@ringline/core/internal";
import { Bindings } from "./bindings.js";
import {
  declareBatch,
  declareLookups,
  declareMap,
  eachGroup,
  eachSlot,
  entry,
  keptMark,
  LANES,
  madeType,
  makeOne,
  mapText,
} from "./map-text.js";
import { assemble, type Shader } from "./shader.js";

/**
 * Placement of a stage's outputs: "place": at the message's index in the batch, for the last stage; "one": at
 * consecutive indexes, if the stage keeps all messages; "append": in the order in which invocations finish; "sorted":
 * in the order of arrival, by another pass.
 */
export type PassOn = "place" | "one" | "append" | "sorted";

/** Position of a map in a chain with rings. */
export interface RingPosition {
  /** Index of the stage, from 0. */
  readonly index: number;
  readonly stages: number;
  /** Capacity in messages of the ring before the stage, and of the ring behind it. */
  readonly roomBefore: number;
  readonly roomBehind: number;
  readonly handOn: PassOn;
}

/** Bytes of the control of `stages` stages. */
export const controlBytes = (stages: number) => 4 + stages * 20;
/**
 * Layout of the control in words: words before the stages, words of one stage, index of the stall counter in a stage.
 */
export const CONTROL = { head: 1, stage: 5, stalls: 4 } as const;

/**
 * Declares the state of the rings. A stage has taken `begun` messages from the ring before it, `count` of them in this
 * turn; `end` messages were put into that ring. `made` counts the outputs of this turn.
 */
export const declareControl = (stages: number, made: "u32" | "atomic<u32>") =>
  `struct RinglineStage { begun: u32, count: u32, end: u32, made: ${made}, stalls: u32 } ` +
  `struct RinglineControl { step: u32, stages: array<RinglineStage, ${stages}> }`;

/**
 * Shader of a map between rings. Bindings: control, batch or input ring with the indexes of its messages, output,
 * marks; then, if present, the indexes or the bits of kept messages, the state, the groups, the lookup arrays.
 */
export function ringShader(plan: MapPlan, position: RingPosition): Shader {
  const { index, stages, handOn } = position;
  const { input, state } = plan;
  const isFirst = index === 0;
  const bindings = new Bindings();
  const head = [
    declareMap(plan),
    declareControl(stages, "atomic<u32>"),
    isFirst ? declareBatch(input.type) : "",
    bindings.storage("read_write", "ringline_control: RinglineControl"),
    isFirst ? bindings.storage("read", "ringline_batch: RinglineBatch") : "",
    isFirst ? "" : bindings.storage("read", `ringline_in: array<${input.type}>`),
    isFirst ? "" : bindings.storage("read", "ringline_places: array<u32>"),
    bindings.storage("read_write", `ringline_out: array<${madeType(plan)}>`),
    bindings.storage("read_write", "ringline_marks: array<u32>"),
    handOn === "one" || handOn === "append" ? bindings.storage("read_write", "ringline_out_places: array<u32>") : "",
    handOn === "sorted" ? bindings.storage("read_write", "ringline_bits: array<atomic<u32>>") : "",
    state === undefined ? "" : bindings.storage("read_write", "ringline_state: array<State>"),
    state === undefined || !isFirst ? "" : bindings.storage("read", "ringline_groups: array<u32>"),
    ...declareLookups(plan, bindings),
  ];
  const shader = assemble(head, mapText(plan), [one(plan, position), main(plan, position)]);
  return { ...shader, bindings: bindings.kinds, constants: plan.constants };
}

/** Expression of the `i`-th message that the stage takes in this turn. */
const messageAt = ({ index, roomBefore }: RingPosition) =>
  index === 0
    ? "ringline_batch.messages[ringline_control.stages[0].begun + i]"
    : `ringline_in[(ringline_control.stages[${index}].begun + i) % ${roomBefore}u]`;

function one(plan: MapPlan, position: RingPosition): string {
  const { index, roomBefore, roomBehind, handOn } = position;
  const hasState = plan.state !== undefined;
  const at = `ringline_control.stages[${index}].begun + i`;
  const place = index === 0 ? at : `ringline_places[(${at}) % ${roomBefore}u]`;
  const end = `ringline_control.stages[${index + 1}].end`;
  const into = (to: string) =>
    `let to = (${end} + ${to}) % ${roomBehind}u; ringline_out[to] = made; ringline_out_places[to] = place;`;
  const keep = {
    place: `ringline_out[place] = made; ringline_marks[place] = ${keptMark(plan)};`,
    one: into("i"),
    append: into(`atomicAdd(&ringline_control.stages[${index}].made, 1u)`),
    sorted: "ringline_out[i] = made; atomicOr(&ringline_bits[i >> 5u], 1u << (i & 31u));",
  }[handOn];
  return (
    `fn ringline_one(i: u32${hasState ? ", slot: u32" : ""}) { let place = ${place}; ` +
    `${makeOne(plan, messageAt(position), hasState ? "&ringline_state[slot]" : undefined)} ` +
    `if (kept) { ${keep} } else { ringline_marks[place] = ${index + 2}u; } }`
  );
}

function main(plan: MapPlan, position: RingPosition): string {
  const { index } = position;
  const own = `ringline_control.stages[${index}]`;
  if (plan.state === undefined) {
    return entry("ringline_main", LANES, `let i = id.x; if (i < ${own}.count) { ringline_one(i); }`);
  }
  const body =
    index === 0
      ? eachGroup(`i >= ${own}.begun && i < ${own}.begun + ${own}.count`, `i - ${own}.begun`)
      : eachSlot(plan, `${own}.count`, "true", messageAt(position));
  return entry("ringline_main", LANES, body);
}
