import type { MessageBase } from "../messages/message-base.js";

/** Sends a message; undefined when it was accepted at once. */
type Deliver = (message: MessageBase) => Promise<void> | undefined;

/** Outputs that wait for their input to settle, in the order in which they were sent. */
export class Outbox {
  #entries: { readonly message: MessageBase; readonly deliver: Deliver }[] = [];
  #committing: Promise<void> | undefined;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  add(message: MessageBase, deliver: Deliver): void {
    this.#entries.push({ message, deliver });
  }

  discard(): void {
    this.#entries = [];
  }

  /** Sends what is here. Undefined when all was accepted at once. */
  commit(): Promise<void> | undefined {
    this.#committing ??= this.#commit();
    return this.#committing;
  }

  #commit(): Promise<void> | undefined {
    for (let entry = this.#entries.shift(); entry !== undefined; entry = this.#entries.shift()) {
      const later = entry.deliver(entry.message);
      if (later !== undefined) {
        return later
          .finally(() => {
            this.#committing = undefined;
          })
          .then(() => this.commit());
      }
    }
    return undefined;
  }
}
