import type { MapPlan } from "@ringline/core/internal";
import type { Session } from "../device/session.js";
import { COPY_SRC, STORAGE } from "../device/usage.js";
import { mapShader } from "../shaders/map-shader.js";
import { LANES } from "../shaders/map-text.js";
import { compile } from "../shaders/shader.js";
import {
  bound,
  type CommonMemory,
  hasMarksOf,
  type Lookups,
  type MapPath,
  type PathMemory,
  passOf,
  type States,
} from "./map-path.js";

/** Path on which messages keep their indexes in the batch through all stages: one dispatch per stage. */
export class PlacePath implements MapPath {
  readonly #session: Session;
  readonly #plans: readonly MapPlan[];
  readonly #pipelines: readonly GPUComputePipeline[];
  readonly #max: number;

  private constructor(
    session: Session,
    plans: readonly MapPlan[],
    pipelines: readonly GPUComputePipeline[],
    max: number,
  ) {
    this.#session = session;
    this.#plans = plans;
    this.#pipelines = pipelines;
    this.#max = max;
  }

  static async open(
    session: Session,
    plans: readonly MapPlan[],
    ids: readonly string[],
    max: number,
  ): Promise<PlacePath> {
    const hasMarks = hasMarksOf(plans);
    const pipelines = await Promise.all(
      plans.map((plan, index) => {
        const shader = mapShader(plan, { isFirst: index === 0, hasMarks, index });
        return compile(session, shader, "ringline_main", ids[index] as string);
      }),
    );
    return new PlacePath(session, plans, pipelines, max);
  }

  make({ batch, groups, out, marks }: CommonMemory, states: States, lookups: Lookups): PathMemory {
    const { pool } = this.#session;
    const own = this.#plans.slice(0, -1).map(({ output }) => pool.take(this.#max * output.stride, STORAGE | COPY_SRC));
    const outs = [...own, out];
    const binds = this.#pipelines.map((pipeline, i) => {
      const isFirst = i === 0;
      const more = [
        isFirst ? undefined : outs[i - 1],
        marks,
        states[i],
        isFirst ? groups : undefined,
        ...(lookups[i] ?? []),
      ];
      return bound(this.#session, pipeline, [batch, outs[i], ...more]);
    });
    return { own, binds };
  }

  encode(
    encoder: GPUCommandEncoder,
    times: GPUComputePassTimestampWrites | undefined,
    { binds }: PathMemory,
    count: number,
    groups: number,
  ): number {
    const pass = encoder.beginComputePass(passOf(times));
    for (let i = 0; i < this.#pipelines.length; i++) {
      const { state } = this.#plans[i] as MapPlan;
      const outputQueues = state === undefined ? count : i === 0 ? groups : state.slots;
      pass.setPipeline(this.#pipelines[i] as GPUComputePipeline);
      pass.setBindGroup(0, binds[i] as GPUBindGroup);
      pass.dispatchWorkgroups(Math.ceil(outputQueues / LANES));
    }
    pass.end();
    return this.#pipelines.length;
  }
}
