import { errors } from "@ringline/core";
import { type Measure, measure, type ProgramPlan, roundUp, SharedBuffer, strideOf } from "@ringline/core/internal";
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

/** Number of workgroups in a row, and number of rows. */
export interface Grid {
  readonly wide: number;
  readonly high: number;
}

/** Needs of one stage for one message. */
export interface StageNeed {
  /** Input of the user's functions. */
  readonly view: View;
  /** Elements of each pass, one number per run. */
  readonly elements: Measure["elements"];
  /** Grid of each run of each pass; undefined for a run without elements. */
  readonly grids: readonly (readonly (Grid | undefined)[])[];
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
    const { shape, scratch, elements } = measure(plan, view);
    const outputs = sizes(plan.output.plan.buffers, shape);
    const need = { view, elements, inputs, outputs, scratch: sizes(plan.scratch, scratch) };
    checkSizes(need, limits);
    const grids = elements.map((counts, i) => counts.map((count) => gridOf(count, shader.passes[i] as Pass, limits)));
    needs.push({ ...need, grids });
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

function checkSizes({ inputs, outputs, scratch }: Omit<StageNeed, "grids">, limits: GPUSupportedLimits): void {
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

function gridOf(elements: number, { entry, workgroup, hasRows }: Pass, limits: GPUSupportedLimits): Grid | undefined {
  if (elements === 0) return undefined;
  const groups = Math.ceil(elements / workgroup);
  const wide = Math.min(groups, MOST_GROUPS_WIDE);
  const high = Math.ceil(groups / wide);
  const most = limits.maxComputeWorkgroupsPerDimension;
  if (high <= (hasRows ? most : 1)) return { wide, high };
  const remedy = hasRows
    ? `The device dispatches at most ${MOST_GROUPS_WIDE} × ${most} workgroups (maxComputeWorkgroupsPerDimension): give the \
pass larger workgroups, or fewer elements.`
    : `More than ${MOST_GROUPS_WIDE} workgroups lie in several rows: let "${entry}" take @builtin(num_workgroups) and find \
its place by it, or be fn ${entry}(i: u32).`;
  throw new errors.INVALID_ARGUMENT({ argument: `elements of pass ${entry}`, value: elements }, { remedy });
}
