import type { Outlet } from "@ringline/core/backend";
import { type DirectTargets, KernelInput } from "@ringline/core/internal";
import type { Direct, DirectTargetSetup, TargetSetup } from "../setup.js";
import { HostOutlet } from "./host-outlet.js";
import type { Threads } from "./threads.js";
import type { Unit } from "./unit.js";

/** Tells threads to which ports they may send directly. */
export class DirectRoutes {
  readonly #threads: Threads;

  constructor(threads: Threads) {
    this.#threads = threads;
  }

  /** Current target of a unit's output, with what its thread needs to send there directly. */
  of({ spec, incarnation }: Unit): Direct {
    const epoch = Atomics.load(incarnation.memory.route, 0);
    const { direct, directTargets } = spec.routes.output;
    const { thread } = incarnation;
    return {
      port: this.port(thread, direct),
      epoch,
      directTargets: directTargets && this.#directTargets(thread, directTargets),
    };
  }

  /**
   * The id of the port behind an outlet, after announcing it to the thread; undefined for a port of another backend.
   */
  port(thread: number, to: Outlet | undefined): number | undefined {
    const outlet = hostOutlet(to);
    const { endpoint } = this.#threads;
    if (outlet === undefined || outlet.sender.endpoint !== endpoint) return undefined;
    const { id, block, limit, isTimed, isFifo } = outlet.sender;
    const known = this.#threads.get(thread)?.targets;
    if (known === undefined) return undefined;
    const target: TargetSetup = { id, memory: block.memory, limit, isTimed, isFifo };
    if (!known.has(id)) endpoint.links.get(thread)?.wire.post({ target });
    known.add(id);
    return id;
  }

  /** Makes threads forget a closed port. */
  forget(port: number): void {
    for (const { index, targets } of this.#threads.list) {
      if (targets.delete(port)) this.#threads.endpoint.links.get(index)?.wire.post({ closed: port });
    }
  }

  /** Ends direct sends of a unit's output until its thread gets the new target from the host. */
  reroute({ spec, incarnation, own }: Unit): void {
    Atomics.add(incarnation.memory.route, 0, 1);
    // messages not yet sent to its own port go through the host
    if (own !== undefined) own.sender.block.isHostOnly = spec.routes.output.direct !== own;
  }

  /** Targets by port id; undefined if any is of another backend. */
  #directTargets(thread: number, { targets, by }: DirectTargets): DirectTargetSetup | undefined {
    const ports = targets.map(({ outlet, node }) => ({ port: this.port(thread, outlet), node }));
    return ports.every(hasPort) ? { targets: ports, by } : undefined;
  }
}

/** The outlet of the port of a kernel's input: threads have no device to read back from. */
export function hostOutlet(outlet: Outlet | undefined): HostOutlet | undefined {
  const behind = outlet instanceof KernelInput ? outlet.outlet : outlet;
  return behind instanceof HostOutlet ? behind : undefined;
}

function hasPort<T extends { readonly port: number | undefined }>(target: T): target is T & { readonly port: number } {
  return target.port !== undefined;
}
