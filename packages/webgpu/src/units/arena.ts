import { Memory, type Packer, type ProgramPlan, roundUp } from "@ringline/core/internal";
import { countsBytes } from "../shaders/program-shader.js";
import type { Need, StageNeed } from "./program-need.js";

/** Alignment of binding offsets, in bytes. */
const ALIGN = 256;

/** Bytes of the small data of one message: counts and fields of each stage. */
export const arenaBytes = (plans: readonly ProgramPlan[], { stages }: Need) =>
  plans.reduce((sum, plan, i) => {
    const blocks = 1 + repeats(plan, stages[i] as StageNeed);
    return sum + blocks * roundUp(countsBytes(plan), ALIGN) + roundUp(plan.input.stride, ALIGN);
  }, 0);

/** Number of runs of the passes that get the number of their run. */
const repeats = ({ passes }: ProgramPlan, { elements }: StageNeed) =>
  passes.reduce((sum, { repeat }, i) => sum + (repeat === undefined ? 0 : (elements[i]?.length ?? 0)), 0);

/** Small data of a batch, uploaded together. Offsets are bytes. */
export class Arena {
  readonly memory: Memory;
  used = 0;

  constructor(room: number) {
    this.memory = new Memory(new ArrayBuffer(room));
  }

  /** Writes the number of elements of each pass in its run `step`, and of each array. Returns the offset. */
  counts(plan: ProgramPlan, { elements, inputs, outputs, scratch }: StageNeed, step: number): number {
    const at = this.#next(countsBytes(plan));
    let word = at / 4;
    this.memory.u32[word++] = step;
    for (const counts of elements) this.memory.u32[word++] = counts[step] ?? 0;
    for (const arrays of [inputs, outputs, scratch]) {
      for (const { length } of arrays.values()) this.memory.u32[word++] = length;
    }
    return at;
  }

  /** Writes the fields that are not buffers. Returns the offset. */
  fields(packer: Packer, view: object): number {
    const at = this.#next(roundUp(packer.stride, 4));
    packer.packOne(view, this.memory, at);
    return at;
  }

  #next(bytes: number): number {
    const at = this.used;
    this.used += roundUp(bytes, ALIGN);
    return at;
  }
}
