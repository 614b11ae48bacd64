import type { WaitOptions } from "@ringline/core";
import type { Outlet } from "@ringline/core/backend";
import type { AnyMessage } from "@ringline/core/internal";
import type { PortSender } from "@ringline/remote";
import type { Direct } from "../setup.js";
import { DirectSender } from "./direct-sender.js";

/** Sends by the host, which knows where to; says where messages may go past it. */
export type Relay = (message: AnyMessage, wait: WaitOptions | undefined) => Promise<Direct | undefined>;

/**
 * Sends straight to a port, past the host, where that is known to come to the same: to one port that has room. All else
 * goes by the host, which also minds whoever has to wait.
 */
export class DirectOutlet implements Outlet {
  readonly #relay: Relay;
  readonly #find: (port: number) => PortSender | undefined;
  /** Counts how often the route has changed; undefined where it cannot but end. */
  readonly #route: Int32Array | undefined;
  /** Types that its receiver is known to take; undefined: all that come here. */
  readonly #types: Set<string> | undefined;
  #sender: PortSender | undefined;
  #epoch = 0;
  /** Of a stage: where its outputs go. */
  #edges: DirectSender | undefined;
  /** Messages that are on their way by the host: later ones follow them. */
  #relayed = 0;

  constructor(
    relay: Relay,
    find: (port: number) => PortSender | undefined,
    /** Of an output; a peer has none. */
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
    return sender.hasRoom() && sender.trySend(message); // the host refuses what cannot travel as well
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
    if (direct.directTargets !== undefined) this.#edges ??= new DirectSender(direct.directTargets, this.#find);
  }
}
