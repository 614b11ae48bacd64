import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Port, Unsettled } from "../seam/port.js";
import type { Checkpoints } from "./checkpoints.js";
import type { KernelLetters } from "./kernel-letters.js";
import type { PublishedOutputs } from "./published.js";

/** The messages that a kernel leaves unprocessed: they are redelivered, or become dead letters. */
export class Unfinished {
  readonly #input: Port;
  readonly #checkpoints: Checkpoints;
  readonly #published: PublishedOutputs;
  readonly #letters: KernelLetters;
  /**
   * The settlement under way. Settlements run one after the other, so that no message is taken back twice, even if a
   * place takes its time.
   */
  #latest: Promise<void> = Promise.resolve();

  constructor(input: Port, checkpoints: Checkpoints, published: PublishedOutputs, letters: KernelLetters) {
    this.#input = input;
    this.#checkpoints = checkpoints;
    this.#published = published;
    this.#letters = letters;
  }

  /** Puts messages in flight back at the head of the queue. `latest`: attempts in the incarnation that has ended. */
  retry(latest: number): Promise<void> {
    return this.#recovered((inFlight) => {
      // each one requeued is first in line: the oldest comes last
      for (const { message, attempts } of [...inFlight].reverse()) {
        this.#input.inlet.settle(message, "requeued", attempts + latest);
      }
    });
  }

  buryInHand(latest: number, error: () => AnyRinglineError): Promise<void> {
    return this.#recovered((inFlight) => {
      for (const { message, attempts } of inFlight) {
        this.#input.inlet.settle(message, "dead-lettered");
        this.#letters.bury(message, error(), attempts + latest);
      }
    });
  }

  #recovered(settle: (inFlight: readonly Unsettled[]) => void): Promise<void> {
    this.#latest = this.#latest.then(async () => settle(await this.#recover()));
    return this.#latest;
  }

  async #recover(): Promise<readonly Unsettled[]> {
    const inHand = await this.#input.recover();
    this.#checkpoints.recover(inHand);
    this.#published.recover(inHand);
    return inHand;
  }

  /** Makes dead letters of queued messages that nobody wants any more. How many; undefined where its queue is not at hand. */
  discard(isUnwanted: (message: AnyMessage) => boolean, error: (message: AnyMessage) => AnyRinglineError) {
    const discarded = this.#input.discard?.(isUnwanted);
    for (const { message, attempts } of discarded ?? []) this.#letters.bury(message, error(message), attempts);
    return discarded?.length;
  }

  async buryQueued(error: () => AnyRinglineError): Promise<void> {
    for (const { message, attempts } of await this.#input.remove()) this.#letters.bury(message, error(), attempts);
  }
}
