import type { KeptState } from "../durable/kept-state.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Unsettled } from "../seam/port.js";

/** The states that a kernel has saved for its next incarnation, kept where no incarnation can take them along. */
export class Checkpoints {
  #latest: unknown;
  /** Keeper of a state that outlives the program. */
  readonly #kept: KeptState | undefined;
  /** Counts once its messages are done: should they be recovered, they were not. */
  #pending: { readonly state: unknown; readonly settles: readonly AnyMessage[] } | undefined;

  constructor(kept?: KeptState) {
    this.#kept = kept;
    this.#latest = kept?.restored;
  }

  /** Asked between two incarnations. */
  get latest(): unknown {
    return this.#latest;
  }

  /** Undefined where nothing has to be kept. */
  save(state: unknown, settles: readonly AnyMessage[]): Promise<void> | undefined {
    // whoever goes on to other messages has settled those before; a place elsewhere has messages of its own
    const first = this.#pending?.settles[0]?.messageId;
    const isOver = first !== undefined && !settles.some(({ messageId }) => messageId === first);
    if (isOver) this.#is(this.#pending?.state);
    if (settles.length > 0) {
      this.#pending = { state, settles };
      return undefined;
    }
    this.#pending = undefined;
    this.#latest = state;
    return this.#kept?.keep(state);
  }

  /** A state that counts as its messages are done. */
  #is(state: unknown): void {
    this.#latest = state;
    if (this.#kept?.isExact === false) this.#kept.keep(state).catch(() => {}); // the flow or the kernel has lost its keeper
  }

  /** The messages of what was saved last are done. */
  settled(): void {
    if (this.#pending !== undefined) this.#is(this.#pending.state);
    this.#pending = undefined;
  }

  /** The incarnation has ended with these in hand. */
  recover(inHand: readonly Unsettled[]): void {
    if (this.#pending === undefined) return;
    const { state, settles } = this.#pending;
    const lost = new Set(inHand.map(({ message }) => message.messageId));
    if (!settles.some(({ messageId }) => lost.has(messageId))) this.#is(state);
    this.#pending = undefined;
  }
}
