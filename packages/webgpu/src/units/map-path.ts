import type { Session } from "../device/session.js";

/** Memory of every batch on a device. */
export interface CommonMemory {
  readonly batch: GPUBuffer;
  readonly groups: GPUBuffer | undefined;
  /** The outputs of the last stage, each in the place of its input. */
  readonly out: GPUBuffer;
  readonly marks: GPUBuffer | undefined;
}

/** Memory that a path adds. */
export interface PathMemory {
  readonly own: readonly GPUBuffer[];
  readonly binds: readonly GPUBindGroup[];
  /** Comes back with each batch. */
  readonly report?: { readonly buffer: GPUBuffer; readonly bytes: number };
}

/** By stage: its resident state. */
export type States = readonly (GPUBuffer | undefined)[];

/** A way for messages to go through the stages of a chain. */
export interface MapPath {
  make(common: CommonMemory, states: States): PathMemory;
  /** Lets all stages run over `count` messages in `groups` groups. Returns how many dispatches that took. */
  encode(
    encoder: GPUCommandEncoder,
    times: GPUComputePassTimestampWrites | undefined,
    memory: CommonMemory & PathMemory,
    count: number,
    groups: number,
  ): number;
}

/** Buffers in the order of the bindings; those that are not there take none. */
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
