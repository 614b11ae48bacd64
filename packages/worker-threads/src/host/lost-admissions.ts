import { setImmediate as turn } from "node:timers/promises";
import { HOST } from "@ringline/remote";
import type { HostedThread } from "./hosted-thread.js";
import type { SharedPort } from "./shared-port.js";
import type { Threads } from "./threads.js";

/**
 * Gives back what a thread had taken and counted for messages that it was lost with: places of ports, and messages of
 * flows. Exact, also where several are lost.
 */
export class LostAdmissions {
  readonly #threads: Threads;
  readonly #ports: ReadonlyMap<number, SharedPort>;
  /** Ports where it is found out what is on its way, and whether another thread was lost meanwhile. */
  readonly #pending = new Map<SharedPort, { isStale: boolean }>();

  constructor(threads: Threads, ports: ReadonlyMap<number, SharedPort>) {
    this.#threads = threads;
    this.#ports = ports;
  }

  /** A thread is lost; all that it had published to the host has been taken in. The port at which it may have a place. */
  noted({ index, sendIntent, inbound, outbound }: HostedThread): SharedPort | undefined {
    const { links, origins } = this.#threads.endpoint;
    const port = sendIntent.recover((log) => (log === HOST ? links.publishedBy(index) : outbound.get(log)?.published), {
      flow: (flow) => origins.wordsOf(flow),
      segment: (log, segment) => inbound.get(log)?.words(segment),
    });
    return this.#ports.get(port);
  }

  /** Gives back the place that the lost thread had taken; its own ports are taken over by then. */
  giveBack(port: SharedPort | undefined): void {
    if (port === undefined) return;
    const pending = this.#pending.get(port);
    if (pending !== undefined) pending.isStale = true;
    else void this.#withdraw(port);
  }

  async #withdraw(port: SharedPort): Promise<void> {
    const pending = { isStale: true };
    this.#pending.set(port, pending);
    port.block.isStopped = true;
    while (pending.isStale) {
      pending.isStale = false;
      // whoever was being admitted as the port was stopped, has published or given up within a moment
      while (this.#threads.list.some(({ sendIntent }) => sendIntent.port === port.id)) await turn();
      this.#threads.endpoint.intake.pull(); // what came to the host instead goes on to the home
      if (!(await port.withdraw())) pending.isStale = true;
    }
    this.#pending.delete(port);
    port.block.isStopped = false;
    port.outlet.refill();
  }
}
