import { Memory, type Packer, type ProgramPlan, roundUp } from "@ringline/core/backend";
import { countsBytes } from "../shaders/program-shader.js";

/** Offsets of bindings are multiples of this. */
const ALIGN = 256;

/** Bytes that the small things of one message take: counts and fields of each stage. */
export const arenaBytes = (plans: readonly ProgramPlan[]) =>
  plans.reduce((sum, plan) => sum + roundUp(countsBytes(plan), ALIGN) + roundUp(plan.input.stride, ALIGN), 0);

/** The small things of a batch, which go up together. Places are bytes. */
export class Arena {
  readonly memory: Memory;
  used = 0;

  constructor(room: number) {
    this.memory = new Memory(new ArrayBuffer(room));
  }

  /** How many elements each pass has. Returns where. */
  counts(plan: ProgramPlan, view: object): number {
    const at = this.#next(countsBytes(plan));
    for (const [i, { elements }] of plan.passes.entries()) this.memory.u32[at / 4 + i] = elements(view as never);
    return at;
  }

  /** The fields beside buffers. Returns where. */
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
