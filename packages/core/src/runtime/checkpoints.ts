import type { KeptState } from "../durable/state-log.js";
import { apply, type KeyedChanges } from "../host/hosted-state.js";
import type { Key } from "../kernels/keyed.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Unsettled } from "../seam/port.js";

/** The states that a kernel has saved for its next incarnation, stored outside the incarnations to survive a crash. */
export class Checkpoints {
  #latest: unknown;
  /** Storage of a state that outlives the program. */
  readonly #kept: KeptState | undefined;
  /** The latest state that counts only once its messages are done; it is discarded if they are recovered unsettled. */
  #pending: { readonly state: unknown; readonly settles: readonly AnyMessage[] } | undefined;

  /** True for a state by key, of which only changes are saved. */
  readonly #isKeyed: boolean;

  constructor(kept?: KeptState, isKeyed = false) {
    this.#kept = kept;
    this.#isKeyed = isKeyed;
    this.#latest = kept?.restored;
  }

  /** The state for the next incarnation; read between two incarnations. */
  get latest(): unknown {
    return this.#latest;
  }

  /** Replaces the state between two incarnations. */
  replace(state: unknown): void {
    this.#latest = state;
  }

  /** Returns undefined if nothing has to be stored. */
  save(state: unknown, settles: readonly AnyMessage[]): Promise<void> | undefined {
    // a save for other messages means that the earlier ones are settled; by id, as a remote place has copies
    const first = this.#pending?.settles[0]?.messageId;
    const isOver = first !== undefined && !settles.some(({ messageId }) => messageId === first);
    if (isOver) this.#is(this.#pending?.state);
    if (settles.length > 0) {
      this.#pending = { state, settles };
      return undefined;
    }
    this.#pending = undefined;
    this.#latest = this.#with(state);
    return this.#kept?.keep(state);
  }

  /** Makes a state the latest one, as its messages are done. */
  #is(state: unknown): void {
    this.#latest = this.#with(state);
    if (this.#kept?.isExact === false) this.#kept.keep(state).catch(() => {}); // rejects after the loss of the keeper
  }

  /** The state that was saved, with the changes of a state by key. */
  #with(saved: unknown): unknown {
    if (!this.#isKeyed) return saved;
    const values = (this.#latest as Map<Key, unknown> | undefined) ?? new Map();
    apply(saved as KeyedChanges, values);
    return values;
  }

  /** Confirms the pending state: its messages are done. */
  settled(): void {
    if (this.#pending !== undefined) this.#is(this.#pending.state);
    this.#pending = undefined;
  }

  /**
   * Decides about the pending state after an incarnation has ended with these messages in flight: the state counts if
   * none of its own messages is among them.
   */
  recover(inHand: readonly Unsettled[]): void {
    if (this.#pending === undefined) return;
    const { state, settles } = this.#pending;
    const lost = new Set(inHand.map(({ message }) => message.messageId));
    if (!settles.some(({ messageId }) => lost.has(messageId))) this.#is(state);
    this.#pending = undefined;
  }
}
