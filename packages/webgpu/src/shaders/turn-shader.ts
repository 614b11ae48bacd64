import { Bindings } from "./bindings.js";
import { declareBatch, entry, LANES } from "./map-text.js";
import { declareControl } from "./ring-shader.js";
import { assemble, type Shader } from "./shader.js";
import { userText } from "./wgsl-text.js";

/** The rings of a chain. */
export interface RingShape {
  /** By stage: messages that the ring before it holds; the first one's is the batch. */
  readonly rooms: readonly number[];
  /** By stage: lanes that it needs whatever the number of its messages; 0 for one a message. */
  readonly lanes: readonly number[];
  /** The first stage has a lane for each group of messages. */
  readonly isGrouped: boolean;
  /** By stage: it hands on whatever it takes. */
  readonly keepsAll: readonly boolean[];
}

/**
 * The pass of one lane between two stages: it commits what the stage before has done, and plans the next one for as
 * many messages as there are and the ring behind it has room for. `sorts`: the outputs of the stage before are marked
 * by bits, and get their places by another pass; they are counted here.
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
