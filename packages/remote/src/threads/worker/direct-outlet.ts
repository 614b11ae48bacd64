import type { WaitOptions } from "@ringline/core";
import type { Outlet } from "@ringline/core/backend";
import type { AnyMessage } from "@ringline/core/internal";
import type { PortSender } from "../../account/port-sender.js";
import type { Direct } from "../setup.js";
import { DirectSender } from "./direct-sender.js";

/** Sends through the host, which knows the route; returns the target for direct sends. */
export type Relay = (message: AnyMessage, wait: WaitOptions | undefined) => Promise<Direct | undefined>;

/**
 * Sends directly to a port if the host would send to that port alone and it has room. Other messages go through the
 * host, where senders wait for room.
 */
export class DirectOutlet implements Outlet {
  readonly #relay: Relay;
  readonly #find: (port: number) => PortSender | undefined;
  /** Counts the changes of the route; undefined for a peer, whose route can only end. */
  readonly #route: Int32Array | undefined;
  /** Message types that the receiver is known to accept; undefined: all. */
  readonly #types: Set<string> | undefined;
  #sender: PortSender | undefined;
  #epoch = 0;
  /** For a stage: the sender to the next stage. */
  #edges: DirectSender | undefined;
  /** Messages being sent through the host; later ones follow, to keep the order. */
  #relayed = 0;

  constructor(
    relay: Relay,
    find: (port: number) => PortSender | undefined,
    /** Set for an output; empty for a peer. */
    { route, direct }: { readonly route?: Int32Array | undefined; readonly direct?: Direct },
  ) {
    this.#relay = relay;
    this.#find = find;
    this.#route = route;
    this.#types = direct === undefined ? new Set() : undefined;
    this.#follow(direct);
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#edges !== undefined) return this.#relayed === 0 && this.#edges.trySend(message);
    const sender = this.#sender;
    if (sender === undefined || this.#relayed > 0) return false;
    if (this.#route !== undefined && Atomics.load(this.#route, 0) !== this.#epoch) return false;
    if (this.#types !== undefined && !this.#types.has(message.type)) return false;
    return sender.hasRoom() && sender.trySend(message); // throws for a message that cannot be sent, as the host would
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    this.#relayed++;
    try {
      this.#follow(await this.#relay(message, wait));
      this.#types?.add(message.type);
    } finally {
      this.#relayed--;
    }
  }

  #follow(direct: Direct | undefined): void {
    if (direct === undefined) return;
    this.#sender = direct.port === undefined ? undefined : this.#find(direct.port);
    this.#epoch = direct.epoch;
    const { directTargets } = direct;
    if (directTargets === undefined) this.#edges = undefined;
    else if (this.#edges?.hasTargets(directTargets) !== true) this.#edges = new DirectSender(directTargets, this.#find);
  }
}
