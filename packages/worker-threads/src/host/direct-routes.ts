import type { Outlet } from "@ringline/core/backend";
import { type DirectTargets, ReadBackOutlet } from "@ringline/core/internal";
import type { Direct, DirectTargetSetup, TargetSetup } from "../setup.js";
import { HostOutlet } from "./host-outlet.js";
import type { Threads } from "./threads.js";
import type { Unit } from "./unit.js";

/** The ports to which threads send past the host. */
export class DirectRoutes {
  readonly #threads: Threads;

  constructor(threads: Threads) {
    this.#threads = threads;
  }

  /** Target of a unit's output, and the data with which its thread sends there past this one. */
  of({ spec, route, incarnation }: Unit): Direct {
    const epoch = Atomics.load(route, 0);
    const { direct, directTargets } = spec.routes.output;
    const { thread } = incarnation;
    return {
      port: this.port(thread, direct),
      epoch,
      directTargets: directTargets && this.#directTargets(thread, directTargets),
    };
  }

  /** Of a port that is reached so, the id, once the thread knows it; undefined for one of another backend. */
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

  /** The port is closed: threads that know it need to no more. */
  forget(port: number): void {
    for (const { index, targets } of this.#threads.list) {
      if (targets.delete(port)) this.#threads.endpoint.links.get(index)?.wire.post({ closed: port });
    }
  }

  /** From now on the output of a unit comes by the host, until its thread hears where it goes. */
  reroute({ spec, route, own }: Unit): void {
    Atomics.add(route, 0, 1);
    // what its thread has not sent to its own port by now, comes by the host
    if (own !== undefined) own.sender.block.isHostOnly = spec.routes.output.direct !== own;
  }

  /** Undefined where one of the ports is elsewhere. */
  #directTargets(thread: number, { targets, by }: DirectTargets): DirectTargetSetup | undefined {
    const ports = targets.map(({ outlet, node }) => ({ port: this.port(thread, outlet), node }));
    return ports.every(hasPort) ? { targets: ports, by } : undefined;
  }
}

/** Threads reach no device, so nothing that they send has to land first. */
export function hostOutlet(outlet: Outlet | undefined): HostOutlet | undefined {
  const behind = outlet instanceof ReadBackOutlet ? outlet.outlet : outlet;
  return behind instanceof HostOutlet ? behind : undefined;
}

function hasPort<T extends { readonly port: number | undefined }>(target: T): target is T & { readonly port: number } {
  return target.port !== undefined;
}
