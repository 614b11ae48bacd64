import type { KernelDefinition } from "@ringline/core/internal";
import type { HostLink } from "./host-link.js";
import type { RemoteUnit } from "./remote-unit.js";

/**
 * A kernel that is to move, of those that have no state to lose: from a host that takes no kernels any more, or a worker of a
 * flow from a host that runs at least two more of its kind than another one. `fitting`: hosts that take the kernel, by name.
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

/** Kernels of the same kind that a host runs, or is about to: 0 for one that runs nothing yet. */
export function countOf({ module, definedAs }: KernelDefinition, host: HostLink | undefined): number {
  if (host === undefined) return 0;
  const alike = ({ kernel }: RemoteUnit["spec"]) => kernel.module === module && kernel.definedAs === definedAs;
  return [...host.units.values()].filter((unit) => !unit.isOver && alike(unit.spec)).length;
}

function isStateless({ handle, run, state, compute }: KernelDefinition): boolean {
  const hasSlots = compute?.kind === "map" && compute.state !== undefined;
  return handle !== undefined && run === undefined && state === undefined && !hasSlots;
}
