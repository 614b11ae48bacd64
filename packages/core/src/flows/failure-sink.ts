import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Join } from "./join.js";
import type { AnyOrigin } from "./joint-origin.js";
import type { Sink } from "./sink.js";

/**
 * The sink of `StageFailure` messages: bypasses all nodes, and passes one failure for each input that joins wait for.
 */
export class FailureSink implements Sink {
  readonly name = null;
  readonly #joins: readonly Join[];
  readonly #sink: Sink;
  /** Messages that `tryPush` checked and could not push, for the `push` that follows. */
  readonly #passed = new Set<AnyMessage>();

  /** `joins`: the joins after the stage. `sink`: the output of the flow, by way of the reorderers. */
  constructor(joins: readonly Join[], sink: Sink) {
    this.#joins = joins;
    this.#sink = sink;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    if (!this.#isFirst(origin) || this.#sink.tryPush(message, origin)) return true;
    this.#passed.add(message);
    return false;
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    if (!this.#passed.delete(message) && !this.#isFirst(origin)) return;
    await this.#sink.push(message, origin, wait);
  }

  /** True if an input of the origin has no earlier failure: the origin of a batch has several inputs. */
  #isFirst(origin: AnyOrigin): boolean {
    let isFirst = false;
    for (const member of origin.members) {
      let isKnown = false;
      for (const join of this.#joins) if (!join.fail(member)) isKnown = true;
      if (!isKnown) isFirst = true;
    }
    return isFirst;
  }
}
