import type { KernelInspection } from "@ringline/core";

/** The node of a kernel: its stage, or the kernel itself. */
export function nodeIdOf({ kernelId, flow, stage }: Pick<KernelInspection, "kernelId" | "flow" | "stage">): string {
  return flow === null || stage === null ? kernelId : `${flow}.${stage}`;
}
