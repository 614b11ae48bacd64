import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import { type AnyOrigin, FlowOrigin } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";
import type { Join } from "./join.js";
import type { OutputQueue } from "./output-queue.js";

const ACCEPTED = Promise.resolve();

/** The output of a flow: answers the requester of the input, or pushes to the input's output queue. */
export class OutputSink implements Sink {
  readonly name = null;
  readonly #flow: FlowServices;

  constructor(flow: FlowServices) {
    this.#flow = flow;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    const outputQueue = this.#queueFor(message, origin);
    return outputQueue === undefined || outputQueue.tryPush(message);
  }

  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    const outputQueue = this.#queueFor(message, origin);
    return outputQueue === undefined ? ACCEPTED : outputQueue.push(message, wait);
  }

  /** Returns undefined for an answer to a request, and for a message whose inputs are all cancelled. */
  #queueFor(message: AnyMessage, origin: AnyOrigin): OutputQueue | undefined {
    if (origin.isCancelled) {
      this.#flow.cancelled(message);
      return undefined;
    }
    if (origin instanceof FlowOrigin) {
      return origin.waiting === undefined || !this.#answers(message, origin) ? origin.outputs : undefined;
    }
    // a message of several inputs answers their requesters; for the other inputs it goes to one output queue
    const wanting = origin.members.filter((member) => !member.isCancelled);
    const others = wanting.filter((member) => member.waiting === undefined || !this.#answers(message, member));
    return (others.find(({ outputs: outputQueue }) => !outputQueue.isMain) ?? others[0])?.outputs;
  }

  #answers(message: AnyMessage, { waiting }: FlowOrigin): boolean {
    const outcome = waiting?.answer(message);
    if (outcome === "late" && waiting !== undefined) {
      const place = { kernelId: this.#flow.id, messageId: message.messageId };
      this.#flow.deadLetter(message, new errors.LATE_REPLY({ requester: waiting.name }, place), null);
    }
    return outcome === "taken" || outcome === "late";
  }
}

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
