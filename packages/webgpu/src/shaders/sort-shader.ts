import type { LayoutEnd } from "@ringline/core/internal";
import { declareStructs, hasHalves } from "@ringline/core/internal";
import { Bindings } from "./bindings.js";
import { entry, LANES } from "./map-text.js";
import { declareControl, type RingPosition } from "./ring-shader.js";
import { assemble, type Shader } from "./shader.js";
import { userText } from "./wgsl-text.js";

/**
 * Shader that moves the messages kept by a stage into the next ring, in the order of arrival: the index of a message is
 * the number of bits set before its own. Bindings: control, the indexes of the stage's input unless it is the first,
 * its outputs, the counted ranks, the ring, and the indexes of its messages.
 */
export function sortShader({ type, plan }: LayoutEnd, { index, stages, roomBefore, roomBehind }: RingPosition): Shader {
  const bindings = new Bindings();
  const head = [
    declareStructs([[type, plan]]),
    declareControl(stages, "u32"),
    bindings.storage("read", "ringline_control: RinglineControl"),
    index === 0 ? "" : bindings.storage("read", "ringline_places: array<u32>"),
    bindings.storage("read", `ringline_made: array<${type}>`),
    bindings.storage("read", "ringline_ranks: array<vec2u>"),
    bindings.storage("read_write", `ringline_out: array<${type}>`),
    bindings.storage("read_write", "ringline_out_places: array<u32>"),
  ];
  const own = `ringline_control.stages[${index}]`;
  const at = `${own}.begun - ${own}.count + i`; // this turn is already in `begun`
  const sort = entry(
    "ringline_main",
    LANES,
    `let i = id.x; if (i >= ${own}.count) { return; }
    let rank = ringline_ranks[i >> 5u];
    let bit = 1u << (i & 31u);
    if ((rank.x & bit) == 0u) { return; }
    let to = (rank.y + countOneBits(rank.x & (bit - 1u))) % ${roomBehind}u;
    ringline_out[to] = ringline_made[i];
    ringline_out_places[to] = ${index === 0 ? at : `ringline_places[(${at}) % ${roomBefore}u]`};`,
  );
  return { ...assemble(head, userText("", hasHalves(plan)), [sort]), bindings: bindings.kinds };
}
