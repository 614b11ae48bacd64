import type { MapPlan } from "@ringline/core/internal";
import type { Session } from "../device/session.js";

/** Device memory that each batch has. */
export interface CommonMemory {
  readonly batch: GPUBuffer;
  readonly groups: GPUBuffer | undefined;
  /** Outputs of the last stage, each at the index of its input. */
  readonly out: GPUBuffer;
  readonly marks: GPUBuffer | undefined;
}

/** Device memory that a path adds to a batch. */
export interface PathMemory {
  readonly own: readonly GPUBuffer[];
  readonly binds: readonly GPUBindGroup[];
  /** Counters that are read back with each batch. */
  readonly report?: { readonly buffer: GPUBuffer; readonly bytes: number };
}

/** Resident state of each stage. */
export type States = readonly (GPUBuffer | undefined)[];

/** Lookup arrays of each stage. */
export type Lookups = readonly (readonly GPUBuffer[])[];

/** True for a chain in which messages may have no output, or several. */
export const hasMarksOf = (plans: readonly MapPlan[]) =>
  plans.some(({ filter, outputs }) => filter || outputs !== undefined);

/** Execution strategy for the stages of a chain. */
export interface MapPath {
  make(common: CommonMemory, states: States, lookups: Lookups): PathMemory;
  /** Encodes all stages for `count` messages in `groups` groups. Returns the number of dispatches. */
  encode(
    encoder: GPUCommandEncoder,
    times: GPUComputePassTimestampWrites | undefined,
    memory: CommonMemory & PathMemory,
    count: number,
    groups: number,
  ): number;
}

/** Bind group of buffers in binding order; undefined ones take no number. */
export function bound(
  { device }: Session,
  pipeline: GPUComputePipeline,
  buffers: readonly (GPUBuffer | undefined)[],
): GPUBindGroup {
  const entries = buffers
    .filter((buffer) => buffer !== undefined)
    .map((buffer, binding) => ({ binding, resource: { buffer } }));
  return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
}

export const passOf = (times: GPUComputePassTimestampWrites | undefined): GPUComputePassDescriptor =>
  times === undefined ? {} : { timestampWrites: times };
