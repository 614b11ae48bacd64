import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Join } from "./join.js";
import type { AnyOrigin } from "./joint-origin.js";
import type { Sink } from "./sink.js";

/** The way of a `StageFailure`: past all nodes, but one failure for each input that joins wait for. */
export class FailureSink implements Sink {
  readonly name = null;
  readonly #joins: readonly Join[];
  readonly #sink: Sink;
  /** Messages that `tryPush` let pass, for the `push` that follows. */
  readonly #passed = new Set<AnyMessage>();

  /** `joins`: those behind the stage. `sink`: the output, behind what keeps the order. */
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

  /** True for what fails an input of which no failure was told yet: a batch may hold others as well. */
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
