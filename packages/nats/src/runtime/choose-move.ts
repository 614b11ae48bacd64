import type { KernelDefinition } from "@ringline/core/internal";
import type { HostLink } from "./host-link.js";
import type { RemoteUnit } from "./remote-unit.js";

/**
 * Chooses a stateless kernel to move: one on a host that accepts no more kernels, or a worker of a flow on a host that
 * runs at least two more of its kind than another host. `fitting`: returns the names of hosts that accept the kernel.
 */
export function chooseMove(
  hosts: readonly HostLink[],
  fitting: (kernelId: string) => readonly string[],
): RemoteUnit | undefined {
  for (const host of hosts) {
    for (const unit of host.units.values()) {
      const { kernel, assignment } = unit.spec;
      if (unit.isOver || !isStateless(kernel)) continue;
      const others = fitting(kernel.id);
      if (others.length > 0 && !others.includes(host.name)) return unit;
      if (assignment === undefined) continue;
      const fewest = Math.min(
        ...others.map((name) =>
          countOf(
            kernel,
            hosts.find((other) => other.name === name),
          ),
        ),
      );
      if (countOf(kernel, host) - fewest >= 2) return unit;
    }
  }
  return undefined;
}

/** Number of kernels of the same kind that a host runs, or is about to; 0 for a host without a link. */
export function countOf({ module, definedAs }: KernelDefinition, host: HostLink | undefined): number {
  if (host === undefined) return 0;
  const alike = ({ kernel }: RemoteUnit["spec"]) => kernel.module === module && kernel.definedAs === definedAs;
  return [...host.units.values()].filter((unit) => !unit.isOver && alike(unit.spec)).length;
}

function isStateless({ handle, run, state, compute }: KernelDefinition): boolean {
  const hasSlots = compute?.kind === "map" && compute.state !== undefined;
  return handle !== undefined && run === undefined && state === undefined && !hasSlots;
}
