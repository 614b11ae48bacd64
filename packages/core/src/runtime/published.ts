import type { Published } from "../seam/incarnation.js";
import type { Unsettled } from "../seam/port.js";

/** The outputs that left before the input in hand was done, kept where no incarnation can take it along. */
export class PublishedOutputs implements Published {
  /** By the id of their input. */
  readonly #outputs = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.#outputs.size === 0;
  }

  has(inputId: string, outputId: string): boolean {
    return this.#outputs.get(inputId)?.has(outputId) ?? false;
  }

  add(inputId: string, outputId: string): void {
    const known = this.#outputs.get(inputId);
    if (known === undefined) this.#outputs.set(inputId, new Set([outputId]));
    else known.add(outputId);
  }

  forget(inputId: string): void {
    this.#outputs.delete(inputId);
  }

  /** The incarnation has ended with these in hand: all other inputs are done. */
  recover(inHand: readonly Unsettled[]): void {
    const kept = new Set(inHand.map(({ message }) => message.messageId));
    for (const inputId of this.#outputs.keys()) if (!kept.has(inputId)) this.#outputs.delete(inputId);
  }
}
