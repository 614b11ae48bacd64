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

/** Position of a map in a chain. */
export interface MapPosition {
  /** True if the map reads the batch from the host; otherwise it reads the output of the previous stage. */
  readonly isFirst: boolean;
  /** True if some stage of the chain is a filter, so that each message has a mark. */
  readonly hasMarks: boolean;
  /** Index of the stage, from 0. */
  readonly index: number;
}

/**
 * Shader of a map whose messages keep their indexes. Bindings: the batch, the output; then, if present, the input of an
 * inner stage, the marks, the state, the groups of messages that share a slot, and lookup arrays.
 */
export function mapShader(plan: MapPlan, position: MapPosition): Shader {
  const { isFirst, hasMarks } = position;
  const { input, state } = plan;
  const bindings = new Bindings();
  const head = [
    declareMap(plan),
    declareBatch(isFirst ? input.type : undefined),
    bindings.storage("read", "ringline_batch: RinglineBatch"),
    bindings.storage("read_write", `ringline_out: array<${madeType(plan)}>`),
    isFirst ? "" : bindings.storage("read", `ringline_in: array<${input.type}>`),
    hasMarks ? bindings.storage("read_write", "ringline_marks: array<u32>") : "",
    state === undefined ? "" : bindings.storage("read_write", "ringline_state: array<State>"),
    state === undefined || !isFirst ? "" : bindings.storage("read", "ringline_groups: array<u32>"),
    ...declareLookups(plan, bindings),
  ];
  const shader = assemble(head, mapText(plan), [one(plan, position), main(plan, position)]);
  return { ...shader, bindings: bindings.kinds, constants: plan.constants };
}

const messageAt = (isFirst: boolean) => (isFirst ? "ringline_batch.messages[i]" : "ringline_in[i]");

/** Code for one message. */
function one(plan: MapPlan, { isFirst, hasMarks, index }: MapPosition): string {
  const hasState = plan.state !== undefined;
  const make = makeOne(plan, messageAt(isFirst), hasState ? "&ringline_state[slot]" : undefined);
  const mark = hasMarks ? `ringline_marks[i] = select(${index + 2}u, ${keptMark(plan)}, kept);` : "";
  return `fn ringline_one(i: u32${hasState ? ", slot: u32" : ""}) { ${make} ringline_out[i] = made; ${mark} }`;
}

function main(plan: MapPlan, { isFirst, hasMarks }: MapPosition): string {
  const isThere = hasMarks && !isFirst ? "ringline_marks[i] == 1u" : "true";
  if (plan.state === undefined) {
    const body = `let i = id.x; if (i < ringline_batch.count) { if (${isThere}) { ringline_one(i); } }`;
    return entry("ringline_main", LANES, body);
  }
  const body = isFirst ? eachGroup("true", "i") : eachSlot(plan, "ringline_batch.count", isThere, messageAt(false));
  return entry("ringline_main", LANES, body);
}
