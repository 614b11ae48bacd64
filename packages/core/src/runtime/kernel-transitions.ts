import { errors } from "../errors/ringline-error.js";
import type { KernelState } from "./kernel-state.js";

const NEXT: { readonly [From in KernelState]: readonly KernelState[] } = {
  created: ["launched"],
  launched: ["active", "terminating", "failed"],
  active: ["deactivated", "terminating", "failed"],
  deactivated: ["active", "terminating", "failed"],
  terminating: ["terminated"],
  terminated: [],
  failed: [],
};

/** Throws `KERNEL_STATE`, which names both states, for a change that the life cycle does not allow. */
export function checkTransition(kernelId: string, from: KernelState, to: KernelState): void {
  if (!NEXT[from].includes(to)) throw new errors.KERNEL_STATE({ state: from, wanted: to }, { kernelId });
}

/** True if the kernel no longer runs and its id can be launched again. */
export function isEnded(state: KernelState): boolean {
  return state === "terminated" || state === "failed";
}
