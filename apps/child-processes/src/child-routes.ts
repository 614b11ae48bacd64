import type { WaitOptions } from "@ringline/core";
import type { Outlet } from "@ringline/core/backend";
import {
  type AnyMessage,
  adopt,
  isMessage,
  type KernelDefinition,
  type PeerRoute,
  type Routes,
  referencesMoved,
  systemClock,
} from "@ringline/remote";
import type { HostConnection } from "./host-connection.js";

/** Sends the outputs of a kernel to the host, which routes them. */
export class ChildRoutes implements Routes {
  readonly output: Outlet;
  readonly #kernel: KernelDefinition;
  readonly #peerIds: ReadonlyMap<string, string>;
  readonly #connection: HostConnection;
  readonly #peers = new Map<string, PeerRoute>();
  /** Numbers of messages that had to wait: the host has them already. */
  readonly #refused = new WeakMap<AnyMessage, number>();

  constructor(kernel: KernelDefinition, peerIds: ReadonlyMap<string, string>, line: HostConnection) {
    this.#kernel = kernel;
    this.#peerIds = peerIds;
    this.#connection = line;
    this.output = this.#outlet("tryEmit", "emit", {});
  }

  peer(name: string): PeerRoute {
    const peer = this.#peers.get(name) ?? this.#find(name);
    this.#peers.set(name, peer);
    return peer;
  }

  #find(name: string): PeerRoute {
    return {
      id: this.#peerIds.get(name) ?? name,
      outlet: this.#outlet("trySend", "send", { name }),
      check: (value) => (isMessage(value) ? value : adopt(this.#kernel, name, value)),
      receive: async (wait) => {
        const message = (await this.#wait("receive", { name }, "receive", wait)) as Uint8Array;
        return this.#connection.channel.read(message, this.#kernel.id);
      },
    };
  }

  #outlet(attempt: string, wait: string, fields: object): Outlet {
    const { channel } = this.#connection;
    return {
      tryPush: (message) => {
        const given = { ...fields, k: attempt, message: channel.pack(message) };
        const refused = this.#connection.call(given) as number | undefined;
        if (refused === undefined) referencesMoved(message);
        else this.#refused.set(message, refused);
        return refused === undefined;
      },
      push: async (message, limit) => {
        const refused = this.#refused.get(message);
        this.#refused.delete(message);
        const what = refused === undefined ? { message: channel.pack(message) } : { refused };
        await this.#wait(wait, { ...fields, ...what }, "send", limit);
        referencesMoved(message);
      },
    };
  }

  #wait(k: string, fields: object, operation: string, limit: WaitOptions | undefined): Promise<unknown> {
    const { channel } = this.#connection;
    return channel.calls.wait(channel.index, { ...fields, k }, operation, this.#kernel.id, limit, systemClock);
  }
}
