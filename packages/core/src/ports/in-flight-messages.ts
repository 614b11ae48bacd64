import type { AnyMessage } from "../messages/any-message.js";
import type { Unsettled } from "../seam/port.js";

/** Messages that were delivered and are not settled. Most kernels have one at a time, which costs no allocation. */
export class InFlightMessages {
  #one: AnyMessage | undefined;
  /** Count of each further message: the same message may be sent twice. */
  #more: Map<AnyMessage, number> | undefined;
  /** Redelivered messages with their earlier attempts, in the order of delivery. */
  #tried: Unsettled[] | undefined;
  size = 0;

  add(message: AnyMessage): void {
    this.size++;
    if (this.#one === undefined) {
      this.#one = message;
      return;
    }
    this.#more ??= new Map();
    this.#more.set(message, (this.#more.get(message) ?? 0) + 1);
  }

  /** Adds a redelivered message with its earlier attempts. */
  addRedelivered(tried: Unsettled): void {
    this.add(tried.message);
    if (tried.attempts === 0) return;
    this.#tried ??= [];
    this.#tried.push(tried);
  }

  /** Number of earlier attempts. */
  attemptsOf(message: AnyMessage): number {
    return this.#tried?.find((tried) => tried.message === message)?.attempts ?? 0;
  }

  /** Removes a message. Returns false if it is not in flight. */
  delete(message: AnyMessage): boolean {
    if (this.size === 0) return false;
    if (this.#one === message) {
      this.#one = this.#more === undefined ? undefined : this.#takeOldest(this.#more);
    } else {
      const times = this.#more?.get(message);
      if (times === undefined) return false;
      if (times > 1) this.#more?.set(message, times - 1);
      else this.#more?.delete(message);
    }
    this.size--;
    if (this.#tried !== undefined) this.#forget(message, this.#tried);
    return true;
  }

  #forget(message: AnyMessage, tried: Unsettled[]): void {
    const index = tried.findIndex((one) => one.message === message);
    if (index < 0) return;
    tried.splice(index, 1);
    if (tried.length === 0) this.#tried = undefined;
  }

  /** Removes the message that has been in flight longest of the others: `#one` is always the oldest. */
  #takeOldest(more: Map<AnyMessage, number>): AnyMessage | undefined {
    for (const [message, times] of more) {
      if (times > 1) more.set(message, times - 1);
      else more.delete(message);
      return message;
    }
    return undefined;
  }

  /** Messages in flight with their earlier attempts, in the order of delivery. */
  all(): Unsettled[] {
    const held = this.#one === undefined ? [] : [this.#one];
    for (const [message, times] of this.#more ?? []) for (let i = 0; i < times; i++) held.push(message);
    const tried = [...(this.#tried ?? [])];
    return held.map((message) => {
      const index = tried.findIndex((one) => one.message === message);
      return index < 0 ? { message, attempts: 0 } : (tried.splice(index, 1)[0] as Unsettled);
    });
  }
}
