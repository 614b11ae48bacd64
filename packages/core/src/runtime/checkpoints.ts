import type { AnyMessage } from "../messages/any-message.js";
import type { Unsettled } from "../seam/port.js";

/** The states that a kernel has saved for its next incarnation, kept where no incarnation can take them along. */
export class Checkpoints {
  #latest: unknown;
  /** Counts once its messages are done: should they be recovered, they were not. */
  #pending: { readonly state: unknown; readonly settles: readonly AnyMessage[] } | undefined;

  /** Asked between two incarnations. */
  get latest(): unknown {
    return this.#latest;
  }

  save(state: unknown, settles: readonly AnyMessage[]): undefined {
    // whoever goes on to other messages has settled those before; a place elsewhere has messages of its own
    const first = this.#pending?.settles[0]?.messageId;
    const isOver = first !== undefined && !settles.some(({ messageId }) => messageId === first);
    if (isOver) this.#latest = this.#pending?.state;
    if (settles.length > 0) {
      this.#pending = { state, settles };
    } else {
      this.#latest = state;
      this.#pending = undefined;
    }
  }

  /** The messages of what was saved last are done. */
  settled(): void {
    if (this.#pending !== undefined) this.#latest = this.#pending.state;
    this.#pending = undefined;
  }

  /** The incarnation has ended with these in hand. */
  recover(inHand: readonly Unsettled[]): void {
    if (this.#pending === undefined) return;
    const { state, settles } = this.#pending;
    const lost = new Set(inHand.map(({ message }) => message.messageId));
    if (!settles.some(({ messageId }) => lost.has(messageId))) this.#latest = state;
    this.#pending = undefined;
  }
}
