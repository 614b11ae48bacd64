import type { WaitOptions } from "@ringline/core";
import type { Outlet } from "@ringline/core/backend";
import { type AnyMessage, isMessage, type PeerRoute, type Routes, systemClock } from "@ringline/remote";
import type { HostLine } from "./host-line.js";
import { type Book, fromWire, toWire, type WireMessage } from "./wire-message.js";

/** Where what a kernel sends goes: to the host, which knows the way. */
export class ChildRoutes implements Routes {
  readonly output: Routes["output"];
  readonly #kernelId: string;
  readonly #line: HostLine;
  readonly #book: Book;
  readonly #peers = new Map<string, PeerRoute>();
  /** What had to wait: the host has it already, by number. */
  readonly #refused = new WeakMap<AnyMessage, number>();

  constructor(kernelId: string, line: HostLine, book: Book) {
    this.#kernelId = kernelId;
    this.#line = line;
    this.#book = book;
    this.output = { ...this.#outlet("tryEmit", "emit", {}), direct: undefined, onRerouted: undefined };
  }

  peer(name: string): PeerRoute {
    const peer = this.#peers.get(name) ?? this.#find(name);
    this.#peers.set(name, peer);
    return peer;
  }

  #find(name: string): PeerRoute {
    return {
      id: this.#line.ask("peer", { name }) as string,
      outlet: this.#outlet("trySend", "send", { name }),
      check: (value) => this.#check(name, value),
      receive: async (limit) => this.#from((await this.#wait("receive", { name }, "receive", limit)) as WireMessage),
    };
  }

  #check(name: string, value: unknown): AnyMessage {
    const given = isMessage(value) ? { message: this.#to(value) } : { value };
    const checked = this.#line.ask("check", { name, ...given }) as WireMessage | undefined;
    return checked === undefined ? (value as AnyMessage) : this.#from(checked);
  }

  #outlet(attempt: string, wait: string, fields: object): Outlet {
    return {
      tryPush: (message) => {
        const refused = this.#line.ask(attempt, { ...fields, message: this.#to(message) }) as number | undefined;
        if (refused !== undefined) this.#refused.set(message, refused);
        return refused === undefined;
      },
      push: async (message, limit) => {
        const refused = this.#refused.get(message);
        this.#refused.delete(message);
        const what = refused === undefined ? { message: this.#to(message) } : { refused };
        await this.#wait(wait, { ...fields, ...what }, "send", limit);
      },
    };
  }

  #wait(k: string, fields: object, operation: string, limit: WaitOptions | undefined): Promise<unknown> {
    return this.#line.wait(k, fields, operation, this.#kernelId, limit);
  }

  #to(message: AnyMessage): WireMessage {
    return toWire(message, this.#book, systemClock);
  }
  #from(message: WireMessage): AnyMessage {
    return fromWire(message, this.#book, systemClock);
  }
}
