import type { ProgramPlan } from "@ringline/core/internal";
import { Bindings } from "./bindings.js";
import { MOST_GROUPS_WIDE } from "./program-shader.js";
import { assemble, type Shader } from "./shader.js";
import { userText } from "./wgsl-text.js";

/** Words of the settings of one planner dispatch, in the order of `RinglinePlan`. */
export const PLAN_WORDS = 12;

/**
 * Shader of a single invocation before a pass whose dispatch depends on counters: it decides whether the loop goes on,
 * and writes the number of elements and the arguments of the dispatch. Bindings: settings, counters, arguments.
 * Indexes of counters and loops start at 1 in the settings, 0 is none.
 */
export function plannerShader({ counters, passes }: ProgramPlan): Shader {
  const bindings = new Bindings();
  const planned = counters.length;
  const loops = planned + passes.length;
  const head = [
    `struct RinglinePlan { group: vec3u, most: u32, lanes: u32, index: u32, counter: u32, loop_index: u32,
    condition: u32, begins: u32, round: u32 }`,
    bindings.uniform("plan: RinglinePlan"),
    bindings.storage("read_write", "words: array<u32>"),
    bindings.storage("read_write", "args: array<u32>"),
  ];
  const main = `@compute @workgroup_size(1) fn ringline_plan() {
    let at = ${loops}u + 2u * (max(plan.loop_index, 1u) - 1u);
    if (plan.begins == 1u) {
      let value = words[plan.condition - 1u];
      words[at] = select(words[at], 1u, plan.round == 0u);
      if (plan.round > 0u && value == 0u) { words[at] = 0u; }
      words[at + 1u] = value;
      words[plan.condition - 1u] = 0u;
    }
    var groups = plan.group;
    if (plan.counter > 0u) {
      let isOwn = plan.loop_index > 0u && plan.counter == plan.condition;
      var count = 0u;
      if (isOwn) { count = words[at + 1u]; } else { count = words[plan.counter - 1u]; }
      count = min(count, plan.most);
      words[${planned}u + plan.index] = count;
      let all = count / plan.lanes + select(0u, 1u, count % plan.lanes > 0u);
      groups = vec3u(min(all, ${MOST_GROUPS_WIDE}u), (all + ${MOST_GROUPS_WIDE - 1}u) / ${MOST_GROUPS_WIDE}u, 1u);
    }
    if (plan.loop_index > 0u && words[at] == 0u) { groups = vec3u(); }
    args[3u * plan.index] = groups.x;
    args[3u * plan.index + 1u] = groups.y;
    args[3u * plan.index + 2u] = groups.z;
  }`;
  return { ...assemble(head, userText("", false), [main]), bindings: bindings.kinds };
}
