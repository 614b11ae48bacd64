import { errors } from "@ringline/core";
import type { ProgramPlan } from "@ringline/core/internal";
import type { Session } from "../device/session.js";
import { plannerShader } from "../shaders/planner-shader.js";
import { isIndirect, type ProgramShader, programShader } from "../shaders/program-shader.js";
import { compile } from "../shaders/shader.js";
import { planFor, uploadLookups } from "./device-body.js";

/** A program on one device. */
export interface ProgramStage {
  readonly plan: ProgramPlan;
  readonly shader: ProgramShader;
  /**
   * Pipelines of each pass: for any number of elements, and, without a bounds check, for one that fills its workgroups.
   */
  readonly pipelines: readonly GPUComputePipeline[];
  readonly filled: readonly GPUComputePipeline[];
  /** Pipeline that plans dispatches; undefined if all of them are known to the host. */
  readonly planner: GPUComputePipeline | undefined;
  readonly lookups: readonly GPUBuffer[];
}

/**
 * Compiles programs. Rejects with `INVALID_ARGUMENT` for a shader that does not compile, `UNSUPPORTED`, `DEVICE_LOST`.
 */
export function openPrograms(session: Session, plans: readonly ProgramPlan[], ids: readonly string[]) {
  return Promise.all(
    plans.map(async (given, i): Promise<ProgramStage> => {
      const id = ids[i] as string;
      const plan = planFor(given, session);
      const shader = programShader(plan);
      const compiled = (entry: string) => compile(session, shader, entry, id);
      checkWorkgroups(shader, session.device.limits, id);
      const isPlanned = plan.passes.some((_, pass) => isIndirect(plan, pass));
      const [pipelines, filled, planner] = await Promise.all([
        Promise.all(shader.entries.map(compiled)),
        Promise.all(shader.filled.map(compiled)),
        isPlanned ? compile(session, plannerShader(plan), "ringline_plan", id) : undefined,
      ]);
      return { plan, shader, pipelines, filled, planner, lookups: uploadLookups(session, plan.lookups) };
    }),
  );
}

/** Checks the workgroups of all passes against the limits of the device. Throws `INVALID_ARGUMENT`. */
function checkWorkgroups({ passes }: ProgramShader, limits: GPUSupportedLimits, kernelId: string): void {
  for (const { entry, workgroup, lanes, isWhole } of passes) {
    if (isWhole) continue; // the user wrote the whole entry: the shader compiler reports a workgroup that is too large
    const [x, y, z] = workgroup;
    const sizes = { SizeX: x, SizeY: y, SizeZ: z } as const;
    const over = Object.entries(sizes).find(([name, size]) => size > limits[`maxComputeWorkgroup${name as "SizeX"}`]);
    const limit =
      lanes > limits.maxComputeInvocationsPerWorkgroup
        ? "maxComputeInvocationsPerWorkgroup"
        : over && (`maxComputeWorkgroup${over[0] as "SizeX"}` as const);
    if (limit === undefined) continue;
    const remedy = `The workgroups of "${entry}" are larger than the device allows: ${limit} is ${limits[limit]}.`;
    throw new errors.INVALID_ARGUMENT({ argument: "passes.workgroup", value: workgroup }, { kernelId, remedy });
  }
}

/** A bound range of a buffer. */
export interface Piece {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** Cache of bind groups, as pooled buffers recur in the same bindings. */
export class BindGroups {
  readonly #session: Session;
  readonly #ids = new WeakMap<GPUBuffer, number>();
  readonly #groups = new Map<string, GPUBindGroup>();
  #next = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** `layoutOf`: a pipeline with the layout of the group. */
  get(layoutOf: GPUComputePipeline, index: string, pieces: readonly Piece[]): GPUBindGroup {
    let key = index;
    for (const { buffer, offset, size } of pieces) key += `,${this.#idOf(buffer)}:${offset}:${size}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MOST_GROUPS) this.#groups.clear();
      const layout = layoutOf.getBindGroupLayout(0);
      const entries = pieces.map((resource, binding) => ({ binding, resource }));
      group = this.#session.device.createBindGroup({ layout, entries });
      this.#groups.set(key, group);
    }
    return group;
  }

  #idOf(buffer: GPUBuffer): number {
    let id = this.#ids.get(buffer);
    if (id === undefined) {
      id = this.#next++;
      this.#ids.set(buffer, id);
    }
    return id;
  }
}

const MOST_GROUPS = 1024;
