import { Memory, Packer, type ProgramPlan, roundUp } from "@ringline/core/internal";
import { PLAN_WORDS } from "../shaders/planner-shader.js";
import { countsBytes, isIndirect } from "../shaders/program-shader.js";
import type { GpuRun, Need, StageNeed } from "./program-need.js";

/** Alignment of binding offsets, in bytes. */
const ALIGN = 256;

/** True for a run with counts of its own, because its pass runs more than once. */
const isRepeated = ({ passes }: ProgramPlan, { pass, loop }: GpuRun) =>
  loop !== undefined || passes[pass]?.repeat !== undefined;

/** Bytes of the small data of one message: counts, uniforms, and fields of each stage. */
export const arenaBytes = (plans: readonly ProgramPlan[], { stages }: Need) =>
  plans.reduce((sum, plan, i) => {
    let bytes = roundUp(countsBytes(plan), ALIGN) + roundUp(plan.input.stride, ALIGN);
    for (const run of (stages[i] as StageNeed).runs) {
      if (isRepeated(plan, run)) bytes += roundUp(countsBytes(plan), ALIGN);
      if (isIndirect(plan, run.pass)) bytes += ALIGN;
      if (run.uniforms !== undefined) bytes += roundUp(plan.uniforms?.stride ?? 0, ALIGN);
    }
    return sum + bytes + roundUp(plan.uniforms?.stride ?? 0, ALIGN);
  }, 0);

/** Small data of a batch, uploaded together. Offsets are bytes. */
export class Arena {
  readonly memory: Memory;
  used = 0;

  constructor(room: number) {
    this.memory = new Memory(new ArrayBuffer(room));
  }

  /**
   * Writes the sizes of the passes and the length of each array: the sizes of `run` if its pass runs more than once,
   * otherwise those of all passes that run once. Returns the offset.
   */
  counts(plan: ProgramPlan, { runs, inputs, outputs, scratch }: StageNeed, run?: GpuRun): number {
    const at = this.#next(countsBytes(plan));
    const { u32 } = this.memory;
    u32[at / 4] = run?.step ?? 0;
    for (const one of run === undefined ? runs : [run]) {
      if (run === undefined && isRepeated(plan, one)) continue;
      u32.set(one.size, at / 4 + 1 + 3 * one.pass);
    }
    let word = at / 4 + 1 + 3 * plan.passes.length;
    const own = [...inputs].filter(([name]) => !plan.update.includes(name)).map(([, size]) => size);
    for (const arrays of [own, outputs.values(), scratch.values()]) {
      for (const { length } of arrays) u32[word++] = length;
    }
    for (const { values } of plan.lookups) u32[word++] = values().length;
    return at;
  }

  /** As `counts` for a run; `shared` is the offset for passes that run once. */
  countsOf(plan: ProgramPlan, need: StageNeed, run: GpuRun, shared: number): number {
    return isRepeated(plan, run) ? this.counts(plan, need, run) : shared;
  }

  /** Writes the settings of a planner: see `plannerShader`. Returns the offset. */
  plan({ counters, passes, loops }: ProgramPlan, lanes: number, { pass, step, size, grid, loop }: GpuRun): number {
    const at = this.#next(PLAN_WORDS * 4);
    const indexOf = (name: string | undefined) => (name === undefined ? 0 : counters.indexOf(name) + 1);
    const condition = indexOf(loop?.while);
    const loopIndex = loop === undefined || condition === 0 ? 0 : loops.indexOf(loop) + 1;
    const begins = loopIndex > 0 && loop?.from === pass;
    const counter = indexOf(passes[pass]?.count);
    const most = size[0] * size[1] * size[2];
    const [x, y, z] = grid ?? [0, 0, 0];
    this.memory.u32.set([x, y, z, most, lanes, pass, counter, loopIndex, condition, Number(begins), step], at / 4);
    return at;
  }

  /** Writes the fields that are not buffers. Returns the offset. */
  fields(packer: Packer, view: object): number {
    const at = this.#next(roundUp(packer.stride, 4));
    packer.packOne(view, this.memory, at);
    return at;
  }

  /** Writes the uniforms of a run. Returns the offset. */
  uniforms({ uniforms }: ProgramPlan, values: object): number {
    if (uniforms === undefined) return 0;
    return this.fields(new Packer(uniforms.plan, uniforms.stride), values);
  }

  #next(bytes: number): number {
    const at = this.used;
    this.used += roundUp(bytes, ALIGN);
    return at;
  }
}
