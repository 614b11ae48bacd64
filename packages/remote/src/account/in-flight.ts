import { type AnyMessage, idOf, type MessageId } from "@ringline/core/internal";
import type { Entry } from "./entry.js";

/** The messages that were delivered and are not settled yet. Most kernels have one at a time, which needs no map. */
export class InFlight {
  /** The oldest entry. */
  #one: Entry | undefined;
  #more: Map<AnyMessage, Entry> | undefined;

  get size(): number {
    return this.#one === undefined ? 0 : 1 + (this.#more?.size ?? 0);
  }

  /** All entries, in the order of delivery. */
  get all(): readonly Entry[] {
    return this.#one === undefined ? [] : [this.#one, ...(this.#more?.values() ?? [])];
  }

  add(entry: Entry): void {
    if (this.#one === undefined) this.#one = entry;
    else this.#addMore(entry);
  }

  #addMore(entry: Entry): void {
    this.#more ??= new Map();
    this.#more.set(entry.message as AnyMessage, entry);
  }

  get(message: AnyMessage): Entry | undefined {
    return this.#one?.message === message ? this.#one : this.#more?.get(message);
  }

  /** The entry of the message with this id. */
  withId(id: MessageId): Entry | undefined {
    const one = this.#one;
    if (one === undefined || idOf(one.message as AnyMessage) === id) return one;
    for (const [message, entry] of this.#more ?? []) if (idOf(message) === id) return entry;
    return undefined;
  }

  /** Removes and returns the entry of a message. */
  take(message: AnyMessage): Entry | undefined {
    const one = this.#one;
    if (one === undefined) return undefined;
    if (one.message !== message) return this.#takeMore(message);
    this.#one = this.#more === undefined ? undefined : this.#takeOldest(this.#more);
    return one;
  }

  #takeMore(message: AnyMessage): Entry | undefined {
    const entry = this.#more?.get(message);
    if (entry !== undefined) this.#more?.delete(message);
    return entry;
  }

  #takeOldest(more: Map<AnyMessage, Entry>): Entry | undefined {
    for (const [message, entry] of more) {
      more.delete(message);
      return entry;
    }
    return undefined;
  }
}
