/** The states of a kernel: created → launched → active ⇄ deactivated → terminating → terminated, or failed. */
export type KernelState = "created" | "launched" | "active" | "deactivated" | "terminating" | "terminated" | "failed";
