import { Bindings } from "./bindings.js";
import { declareBatch, entry, LANES } from "./map-text.js";
import { declareControl } from "./ring-shader.js";
import { assemble, type Shader } from "./shader.js";
import { userText } from "./wgsl-text.js";

/** Shape of the rings of a chain. */
export interface RingShape {
  /** Capacity in messages of the ring before each stage; for the first stage, that of the batch. */
  readonly rooms: readonly number[];
  /** Fixed number of invocations of each stage; 0 for one per message. */
  readonly lanes: readonly number[];
  /** True if the first stage has one invocation per group of messages. */
  readonly isGrouped: boolean;
  /** True for each stage that keeps all messages. */
  readonly keepsAll: readonly boolean[];
}

/**
 * Shader of a single invocation between two stages: it commits the work of the stage before, and plans the next stage
 * for as many messages as the ring before it has and the ring behind it has capacity for. `sorts`: the outputs of the
 * stage before are marked by bits, which are counted here, and moved by another pass.
 */
export function turnShader({ rooms, lanes: outputQueues, isGrouped, keepsAll }: RingShape, sorts: boolean): Shader {
  const stages = rooms.length;
  const bindings = new Bindings();
  const head = [
    declareControl(stages, "atomic<u32>"),
    declareBatch(),
    bindings.storage("read_write", "ringline_control: RinglineControl"),
    bindings.storage("read", "ringline_batch: RinglineBatch"),
    bindings.storage("read_write", "ringline_args: array<u32>"),
    sorts ? bindings.storage("read_write", "ringline_bits: array<atomic<u32>>") : "",
    sorts ? bindings.storage("read_write", "ringline_ranks: array<vec2u>") : "",
    `const ringline_rooms = array<u32, ${stages}>(${rooms.map((room) => `${room}u`)});`,
    `const ringline_lanes = array<u32, ${stages}>(${outputQueues.map((one) => `${one}u`)});`,
    `const ringline_keeps_all = array<bool, ${stages}>(${keepsAll});`,
  ];
  const last = stages - 1;
  const turn = entry(
    "ringline_turn",
    1,
    `let step = ringline_control.step; let s = step % ${stages}u; ringline_control.step = step + 1u;
    if (step > 0u) { ringline_commit((step - 1u) % ${stages}u); } else { ringline_control.stages[0].end = ringline_batch.count; }
    let there = ringline_control.stages[s].end - ringline_control.stages[s].begun;
    var count = there;
    if (s < ${last}u) {
      let behind = s + 1u;
      let held = ringline_control.stages[behind].end - ringline_control.stages[behind].begun;
      count = min(there, ringline_rooms[behind] - held);
    }
    if (count < there) { ringline_control.stages[s].stalls += 1u; }
    ringline_control.stages[s].count = count;
    var lanes = select(ringline_lanes[s], count, ringline_lanes[s] == 0u);
    ${isGrouped ? "if (s == 0u) { lanes = ringline_batch.groups; }" : ""}
    if (count == 0u) { lanes = 0u; }
    ringline_args[s * 3u] = (lanes + ${LANES - 1}u) / ${LANES}u;
    ringline_args[s * 3u + 1u] = 1u;
    ringline_args[s * 3u + 2u] = 1u;`,
  );
  return { ...assemble(head, userText("", false), [commit(stages, sorts), turn]), bindings: bindings.kinds };
}

function commit(stages: number, sorts: boolean): string {
  const count = sorts
    ? `let groups = (done + ${LANES - 1}u) / ${LANES}u;
      ringline_args[${stages * 3}u] = groups; ringline_args[${stages * 3 + 1}u] = 1u; ringline_args[${stages * 3 + 2}u] = 1u;
      made = 0u;
      for (var word = 0u; word * 32u < done; word++) {
        let bits = atomicExchange(&ringline_bits[word], 0u);
        ringline_ranks[word] = vec2u(bits, ringline_control.stages[s + 1u].end + made);
        made += countOneBits(bits);
      }`
    : "";
  return `fn ringline_commit(s: u32) {
    let done = ringline_control.stages[s].count;
    ringline_control.stages[s].begun += done;
    if (s == ${stages - 1}u) { return; }
    var made = atomicExchange(&ringline_control.stages[s].made, 0u);
    if (ringline_keeps_all[s]) { made = done; }
    ${count}
    ringline_control.stages[s + 1u].end += made;
  }`;
}
