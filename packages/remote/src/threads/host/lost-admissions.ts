import { HOST } from "../../endpoint/link.js";
import type { HostedThread } from "./hosted-thread.js";
import type { SharedPort } from "./shared-port.js";
import type { Threads } from "./threads.js";

/**
 * Withdraws what lost threads took for unpublished messages: room in ports and counts of flows. Exact, also when
 * several threads are lost.
 */
export class LostAdmissions {
  readonly #threads: Threads;
  readonly #ports: ReadonlyMap<number, SharedPort>;
  /** Ports with a withdrawal in progress; stale if another thread was lost meanwhile. */
  readonly #pending = new Map<SharedPort, { isStale: boolean }>();

  constructor(threads: Threads, ports: ReadonlyMap<number, SharedPort>) {
    this.#threads = threads;
    this.#ports = ports;
  }

  /**
   * Recovers the send intent of a lost thread, whose published frames were read before. Returns the port in which it
   * may hold room.
   */
  noted({ index, sendIntent, inbound, outbound }: HostedThread): SharedPort | undefined {
    const { links, origins } = this.#threads.endpoint;
    const port = sendIntent.recover((log) => (log === HOST ? links.publishedBy(index) : outbound.get(log)?.published), {
      flow: (flow) => origins.wordsOf(flow),
      segment: (log, segment) => inbound.get(log)?.words(segment),
    });
    return this.#ports.get(port);
  }

  /** Gives back the room that a lost thread held; the ports at home there are taken over before. */
  giveBack(port: SharedPort | undefined): void {
    if (port === undefined) return;
    const pending = this.#pending.get(port);
    if (pending !== undefined) pending.isStale = true;
    else void this.#withdraw(port);
  }

  async #withdraw(port: SharedPort): Promise<void> {
    const pending = { isStale: true };
    const { endpoint } = this.#threads;
    this.#pending.set(port, pending);
    port.block.isStopped = true;
    while (pending.isStale) {
      pending.isStale = false;
      // a sender that was being admitted when the port stopped publishes or gives up within a moment
      while (this.#threads.list.some(({ sendIntent }) => sendIntent.port === port.id)) await endpoint.turn();
      await endpoint.intake.catchUp(); // messages that reached the host instead are forwarded to the home
      if (!(await port.withdraw())) pending.isStale = true;
    }
    this.#pending.delete(port);
    port.block.isStopped = false;
    port.outlet.refill();
  }
}
