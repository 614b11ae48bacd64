import type { AnyMessage } from "../messages/any-message.js";

/** The messages that were delivered and are not settled yet. Most kernels hold one at a time: that costs no allocation. */
export class Hand {
  #one: AnyMessage | undefined;
  /** How often each further message is held: the same message may be sent twice. */
  #more: Map<AnyMessage, number> | undefined;
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

  /** False when the message is not held. */
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
    return true;
  }

  /** What has been in hand longest of the others: `#one` is always the oldest. */
  #takeOldest(more: Map<AnyMessage, number>): AnyMessage | undefined {
    for (const [message, times] of more) {
      if (times > 1) more.set(message, times - 1);
      else more.delete(message);
      return message;
    }
    return undefined;
  }

  /** In the order of delivery. */
  all(): AnyMessage[] {
    const held = this.#one === undefined ? [] : [this.#one];
    for (const [message, times] of this.#more ?? []) for (let i = 0; i < times; i++) held.push(message);
    return held;
  }
}
