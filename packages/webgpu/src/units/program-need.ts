import { errors } from "@ringline/core";
import {
  type Measure,
  measure,
  type ProgramPlan,
  type Run,
  roundUp,
  SharedBuffer,
  type Sizes,
  strideOf,
} from "@ringline/core/internal";
import { MOST_GROUPS_WIDE } from "../shaders/program-shader.js";
import type { ProgramStage } from "./program-stages.js";

export type View = Readonly<Record<string, unknown>>;

/** An array of a stage. */
export interface ArraySize {
  /** Number of elements. */
  readonly length: number;
  /** Bytes of its elements. */
  readonly own: number;
  /** Bytes of its binding, at least one element. */
  readonly bytes: number;
}

/** A run of a pass on the device. */
export interface GpuRun extends Run {
  /** Number of workgroups in each dimension; undefined for a run without elements. */
  readonly grid: Sizes | undefined;
}

/** Needs of one stage for one message. */
export interface StageNeed {
  /** Input of the user's functions. */
  readonly view: View;
  readonly runs: readonly GpuRun[];
  readonly inputs: ReadonlyMap<string, ArraySize>;
  readonly outputs: ReadonlyMap<string, ArraySize>;
  readonly scratch: ReadonlyMap<string, ArraySize>;
}

/** Needs of one message on a device, known before anything is submitted. */
export interface Need {
  readonly message: View;
  readonly stages: readonly StageNeed[];
  /** Bytes of all arrays that are allocated for it. */
  readonly bytes: number;
}

/**
 * Needs of a message. Throws what the user's functions throw, and `INVALID_ARGUMENT` for sizes that are invalid or
 * beyond the limits of the device.
 */
export function needOf(stages: readonly ProgramStage[], message: View, limits: GPUSupportedLimits): Need {
  const needs: StageNeed[] = [];
  let [view, inputs, bytes] = [message, inputsOf((stages[0] as ProgramStage).plan, message), 0];
  for (const { plan, shader } of stages) {
    const { shape, scratch, runs } = measure(plan, view);
    const outputs = sizes(plan.output.plan.buffers, shape);
    const need = { view, inputs, outputs, scratch: sizes(plan.scratch, scratch) };
    checkSizes(need, limits);
    const passes = shader.passes as readonly Pass[];
    needs.push({
      ...need,
      runs: runs.map((run) => gpuRun(run, passes[run.pass] as Pass, limits)),
    });
    for (const array of [...outputs.values(), ...need.scratch.values()]) bytes += array.bytes;
    inputs = outputs;
    view = Object.fromEntries([...outputs].map(([name, { length }]) => [name, { length }]));
  }
  return { message, stages: needs, bytes };
}

type Pass = ProgramStage["shader"]["passes"][number];
type Arrays = readonly { readonly name: string; readonly of: ProgramPlan["scratch"][number]["of"] }[];

const sizeOf = (length: number, stride: number): ArraySize => ({
  length,
  own: length * stride,
  bytes: roundUp(Math.max(length, 1) * stride, 4),
});

const sizes = (arrays: Arrays, lengths: Measure["shape"]) =>
  new Map(arrays.map(({ name, of }) => [name, sizeOf(lengths[name] as number, strideOf(of))]));

function inputsOf({ input }: ProgramPlan, message: View): ReadonlyMap<string, ArraySize> {
  return new Map(
    input.plan.buffers.map(({ name, of }) => {
      const shared = message[name];
      if (shared instanceof SharedBuffer) return [name, sizeOf(shared.length, strideOf(of))];
      const issues = [{ message: "is not a UnifiedBuffer of this program", path: [name] }];
      throw new errors.INVALID_MESSAGE({ type: input.type, issues });
    }),
  );
}

function checkSizes({ inputs, outputs, scratch }: Omit<StageNeed, "runs">, limits: GPUSupportedLimits): void {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const limit = maxBufferSize < maxStorageBufferBindingSize ? "maxBufferSize" : "maxStorageBufferBindingSize";
  for (const [what, arrays] of Object.entries({ input: inputs, shape: outputs, scratch })) {
    for (const [name, { bytes }] of arrays) {
      if (bytes <= limits[limit]) continue;
      const remedy = `The device takes at most ${limits[limit]} bytes in one array (${limit}), "${name}" has ${bytes}: send \
less in one message; a device of your own is opened with a higher limit.`;
      throw new errors.INVALID_ARGUMENT({ argument: `${what}.${name}`, value: bytes }, { remedy });
    }
  }
}

function gpuRun(run: Run, pass: Pass, limits: GPUSupportedLimits): GpuRun {
  const [x, y, z] = run.size;
  const size: Sizes = pass.dimensions > 1 || (pass.isWhole && run.isList) ? run.size : [x * y * z, 1, 1];
  return { ...run, size, grid: gridOf(size, run.isList, pass, limits) };
}

/** Workgroups for a number of elements. A whole entry point gets a list of sizes in these dimensions. */
function gridOf(size: Sizes, isList: boolean, pass: Pass, limits: GPUSupportedLimits): Sizes | undefined {
  const [x, y, z] = size;
  if (x * y * z === 0) return undefined;
  const { entry, workgroup, lanes, dimensions, isWhole, isLinear, hasRows } = pass;
  const most = limits.maxComputeWorkgroupsPerDimension;
  if (!isList && !isLinear) {
    const remedy = `The workgroups of "${entry}" have several dimensions (${workgroup.join(" × ")}): let \`elements\` give a list of \
as many sizes, or let it find its element by @builtin(workgroup_id) and @builtin(local_invocation_index).`;
    throw new errors.INVALID_ARGUMENT({ argument: `elements of pass ${entry}`, value: x }, { remedy });
  }
  if (dimensions > 1 || (isWhole && isList)) {
    const grid = size.map((elements, axis) => Math.ceil(elements / (workgroup[axis] as number)));
    if (grid.every((groups) => groups <= most)) return grid as unknown as Sizes;
    const remedy = `The device dispatches at most ${most} workgroups in each dimension (maxComputeWorkgroupsPerDimension).`;
    throw new errors.INVALID_ARGUMENT({ argument: `elements of pass ${entry}`, value: size }, { remedy });
  }
  const groups = Math.ceil(x / lanes);
  const wide = Math.min(groups, MOST_GROUPS_WIDE);
  const high = Math.ceil(groups / wide);
  if (high <= (hasRows ? most : 1)) return [wide, high, 1];
  const remedy = hasRows
    ? `The device dispatches at most ${MOST_GROUPS_WIDE} × ${most} workgroups (maxComputeWorkgroupsPerDimension): give the \
pass larger workgroups, or fewer elements.`
    : `More than ${MOST_GROUPS_WIDE} workgroups lie in several rows: let "${entry}" take @builtin(num_workgroups) and find \
its place by it, or be fn ${entry}(i: u32).`;
  throw new errors.INVALID_ARGUMENT({ argument: `elements of pass ${entry}`, value: x }, { remedy });
}
