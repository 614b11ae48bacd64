import type { AnyMessage } from "../messages/any-message.js";

/** Sends a message; undefined when it was accepted at once. */
type Deliver = (message: AnyMessage) => Promise<void> | undefined;

/** What waits for its input to settle: outputs, in the order in which they were sent, and the state that follows from it. */
export class Outbox {
  #entries: { readonly message: AnyMessage; readonly deliver: Deliver }[] = [];
  #save: (() => Promise<void> | undefined) | undefined;
  #committing: Promise<void> | undefined;

  get isEmpty(): boolean {
    return this.#entries.length === 0 && this.#save === undefined;
  }

  add(message: AnyMessage, deliver: Deliver): void {
    this.#entries.push({ message, deliver });
  }

  /** Replaces what was to be saved before. */
  saveLast(save: () => Promise<void> | undefined): void {
    this.#save = save;
  }

  discard(): void {
    this.#entries = [];
    this.#save = undefined;
  }

  /** Sends what is here, then saves; what is not accepted stays. Undefined when all was accepted at once. */
  commit(): Promise<void> | undefined {
    if (this.#committing !== undefined) return this.#committing;
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      const later = entry.deliver(entry.message);
      if (later !== undefined) {
        this.#committing = this.#rest(later, () => this.#entries.shift());
        return this.#committing;
      }
      this.#entries.shift();
    }
    return this.#save === undefined ? undefined : this.#commitState(this.#save);
  }

  #commitState(save: () => Promise<void> | undefined): Promise<void> | undefined {
    this.#save = undefined;
    const later = save();
    if (later !== undefined) this.#committing = this.#rest(later, () => {});
    return this.#committing;
  }

  async #rest(later: Promise<void>, accepted: () => void): Promise<void> {
    try {
      await later;
    } finally {
      this.#committing = undefined;
    }
    accepted();
    await this.commit();
  }
}
