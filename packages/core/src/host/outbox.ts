import type { AnyMessage } from "../messages/any-message.js";

/** Sends a message; undefined when it was accepted at once. */
type Deliver = (message: AnyMessage) => Promise<void> | undefined;

/** Outputs that wait for their input to settle, in the order in which they were sent. */
export class Outbox {
  #entries: { readonly message: AnyMessage; readonly deliver: Deliver }[] = [];
  #committing: Promise<void> | undefined;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  add(message: AnyMessage, deliver: Deliver): void {
    this.#entries.push({ message, deliver });
  }

  discard(): void {
    this.#entries = [];
  }

  /** Sends what is here; what is not accepted stays. Undefined when all was accepted at once. */
  commit(): Promise<void> | undefined {
    if (this.#committing !== undefined) return this.#committing;
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      const later = entry.deliver(entry.message);
      if (later !== undefined) {
        this.#committing = this.#rest(later);
        return this.#committing;
      }
      this.#entries.shift();
    }
    return undefined;
  }

  async #rest(later: Promise<void>): Promise<void> {
    try {
      await later;
    } finally {
      this.#committing = undefined;
    }
    this.#entries.shift();
    await this.commit();
  }
}
