import { hasHalves, type MapPlan, roundUp } from "@ringline/core/backend";
import { lacking } from "../device/open-session.js";
import type { Session } from "../device/session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE } from "../device/usage.js";
import { HEAD, LANES, mapShader } from "../shaders/map-shader.js";
import { compile } from "../shaders/shader.js";

/** The memory of one batch under way on a device. */
export interface BatchMemory {
  readonly batch: GPUBuffer;
  readonly groups: GPUBuffer | undefined;
  /** The outputs of each stage. */
  readonly outs: readonly GPUBuffer[];
  readonly marks: GPUBuffer | undefined;
  readonly staging: GPUBuffer;
  readonly binds: readonly GPUBindGroup[];
}

/** A chain of maps on one device: its pipelines and its resident state. */
export class MapStages {
  readonly session: Session;
  readonly states: readonly (GPUBuffer | undefined)[];
  readonly #plans: readonly MapPlan[];
  readonly #pipelines: readonly GPUComputePipeline[];
  /** Most messages of a batch. */
  readonly #max: number;
  readonly #free: BatchMemory[] = [];

  private constructor(
    session: Session,
    plans: readonly MapPlan[],
    pipelines: readonly GPUComputePipeline[],
    max: number,
  ) {
    this.session = session;
    this.#plans = plans;
    this.#pipelines = pipelines;
    this.#max = max;
    this.states = plans.map(({ state }) => {
      if (state === undefined) return undefined;
      const size = roundUp(state.stride * state.slots, 4);
      // a new buffer is full of zeros, as a state is at first
      return session.device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
    });
  }

  /** Rejects with `INVALID_ARGUMENT` for a shader that does not compile, `UNSUPPORTED`, `DEVICE_LOST`. */
  static async open(
    session: Session,
    plans: readonly MapPlan[],
    ids: readonly string[],
    max: number,
  ): Promise<MapStages> {
    const hasMarks = plans.some(({ filter }) => filter);
    const pipelines = await Promise.all(
      plans.map(async (plan, i) => {
        const id = ids[i] as string;
        const { input, output, state } = plan;
        const halves = [input.plan, output.plan, ...(state ? [state.plan] : [])].some(hasHalves);
        if (halves && !session.device.features.has("shader-f16")) throw lacking("shader-f16", id);
        return compile(session, mapShader(plan, { isFirst: i === 0, hasMarks, index: i }), "ringline_main", id);
      }),
    );
    return new MapStages(session, plans, pipelines, max);
  }

  /** Memory for a batch; it is used again once it is given back. */
  take(): BatchMemory {
    return this.#free.pop() ?? this.#make();
  }

  give(memory: BatchMemory): void {
    this.#free.push(memory);
  }

  /** Lets a pass run all stages over `count` messages in `groups` groups. Returns how many dispatches that took. */
  encode(encoder: GPUCommandEncoder, memory: BatchMemory, count: number, groups: number): number {
    const pass = encoder.beginComputePass();
    for (let i = 0; i < this.#pipelines.length; i++) {
      const { state } = this.#plans[i] as MapPlan;
      const lanes = state === undefined ? count : i === 0 ? groups : state.slots;
      pass.setPipeline(this.#pipelines[i] as GPUComputePipeline);
      pass.setBindGroup(0, memory.binds[i] as GPUBindGroup);
      pass.dispatchWorkgroups(Math.ceil(lanes / LANES));
    }
    pass.end();
    return this.#pipelines.length;
  }

  destroy(): void {
    if (this.session.lost !== undefined) return;
    for (const state of this.states) state?.destroy();
    for (const { batch, groups, outs, marks, staging } of this.#free.splice(0)) {
      for (const buffer of [batch, groups, ...outs, marks, staging]) if (buffer) this.session.pool.give(buffer);
    }
  }

  #make(): BatchMemory {
    const { pool, device } = this.session;
    const plans = this.#plans;
    const max = this.#max;
    const [first, last] = [plans[0] as MapPlan, plans.at(-1) as MapPlan];
    const hasMarks = plans.some(({ filter }) => filter);
    const batch = pool.take(HEAD + max * first.input.stride, STORAGE | COPY_DST);
    const groups = first.state === undefined ? undefined : pool.take((max + 1) * 8, STORAGE | COPY_DST);
    const outs = plans.map(({ output }) => pool.take(max * output.stride, STORAGE | COPY_SRC));
    const marks = hasMarks ? pool.take(max * 4, STORAGE | COPY_SRC) : undefined;
    const staging = pool.take(roundUp(max * last.output.stride, 8) + roundUp(max * 4, 8), MAP_READ | COPY_DST);
    const binds = this.#pipelines.map((pipeline, i) => {
      const isFirst = i === 0;
      const own = [isFirst ? undefined : outs[i - 1], marks, this.states[i], isFirst ? groups : undefined];
      const entries = [batch, outs[i], ...own]
        .filter((buffer) => buffer !== undefined)
        .map((buffer, binding) => ({ binding, resource: { buffer } }));
      return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    });
    return { batch, groups, outs, marks, staging, binds };
  }
}
