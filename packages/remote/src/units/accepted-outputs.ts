import type { UnitSpec } from "@ringline/core/backend";
import { type AnyMessage, lineageOf, type Published } from "@ringline/core/internal";

/**
 * Accepted outputs of an incarnation elsewhere, and messages to its peers: their number, and for a commit their ids. When its place is lost before
 * the input is settled, the next incarnation sends them again, and they are not accepted twice.
 */
export class AcceptedOutputs {
  /** Number of accepted outputs. */
  count = 0;
  /** Name of the kernel as a requester. */
  readonly #requester: string;
  /** Undefined for a kernel whose retries give outputs other ids. */
  readonly #published: Published | undefined;

  constructor({ kernel: { id, supervise }, published }: UnitSpec) {
    this.#requester = `"${id}"`;
    const isRepeated = supervise.onCrash === "retry" && supervise.effects === "commit";
    this.#published = isRepeated ? published : undefined;
  }

  /** True if there is nothing to forget. */
  get isEmpty(): boolean {
    return this.#published?.isEmpty ?? true;
  }

  /** True for an output that an earlier incarnation has sent. */
  has(output: AnyMessage): boolean {
    if (this.isEmpty) return false; // avoids conversion of ids to text
    if (lineageOf(output)?.requester?.name === this.#requester) return false; // its own request is made anew
    const { messageId, correlationId } = output;
    return correlationId !== null && (this.#published as Published).has(correlationId, messageId);
  }

  /** Adds an output that the runtime has accepted. */
  add(output: AnyMessage): void {
    this.count++;
    this.addToPeer(output);
  }

  /** Adds a message that a peer has accepted; it is no output. */
  addToPeer(output: AnyMessage): void {
    if (this.#published === undefined) return;
    const { messageId, correlationId } = output;
    if (correlationId !== null) this.#published.add(correlationId, messageId);
  }

  /** Forgets what an input has caused, once it is settled and not requeued. */
  forget(inputId: string): void {
    this.#published?.forget(inputId);
  }
}
