import type { ErrorCode, WaitOptions } from "@ringline/core";
import { patience } from "../patience.js";
import type { OperatorRig } from "./operator-rig.js";

/** One way in which a wait ends without success. */
export interface Ending {
  readonly name: string;
  /** Code with which a wait at the operator's ports fails. */
  readonly code: ErrorCode;
  /** The party that ends first: the wait itself, or the kernel that it waits for. */
  readonly by: "wait" | "kernel";
  /** True where the wait ends before it has begun. */
  readonly atOnce?: boolean;
  begin(rig: OperatorRig): { readonly wait?: WaitOptions; act?(): unknown };
}

/** Every way in which the wait of a host ends. */
export const endings: readonly Ending[] = [
  { name: "its time-out", code: "TIMEOUT", by: "wait", begin: () => ({ wait: { timeout: patience(20) } }) },
  { name: "a time-out of 0", code: "TIMEOUT", by: "wait", atOnce: true, begin: () => ({ wait: { timeout: 0 } }) },
  {
    name: "a signal that is aborted already",
    code: "ABORTED",
    by: "wait",
    atOnce: true,
    begin: () => ({ wait: { signal: AbortSignal.abort() } }),
  },
  {
    name: "an abort",
    code: "ABORTED",
    by: "wait",
    begin() {
      const controller = new AbortController();
      return { wait: { signal: controller.signal }, act: () => controller.abort() };
    },
  },
  {
    name: "terminate",
    code: "TERMINATED",
    by: "kernel",
    begin: (rig) => ({ act: () => rig.kernel.terminate({ timeout: 100 }) }),
  },
  { name: "a crash", code: "KERNEL_FAILED", by: "kernel", begin: (rig) => ({ act: () => rig.end("throw") }) },
  {
    name: "a body that returns",
    code: "TERMINATED",
    by: "kernel",
    begin: (rig) => ({ act: () => rig.end("return") }),
  },
  {
    name: "dispose",
    code: "TERMINATED",
    by: "kernel",
    begin: (rig) => ({ act: () => rig.runtime.dispose({ timeout: 100 }) }),
  },
];
