import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import { EmitQueue } from "./emit-queue.js";
import { type AnyOrigin, type FlowOrigin, firstOriginOf } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";

interface Held {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
  readonly sink: Sink;
}

/**
 * Restores the order of entry after parallel workers: outputs of an input wait until all earlier inputs have passed the
 * stage, on any path. Early outputs are held and never rejected, as the awaited one may be queued after them. Therefore
 * outputs of all inputs in flight may be held, however many each has.
 */
export class Reorderer {
  readonly #node: number;
  readonly #region: number;
  readonly #emitQueue: EmitQueue;
  readonly #held = new Map<FlowOrigin, Held[]>();
  /** The oldest input that has not passed the region. */
  #head: FlowOrigin | undefined;

  /** `region`: the stage and the nodes upstream of it. */
  constructor(node: number, region: number, flow: FlowServices) {
    this.#node = node;
    this.#region = region;
    this.#emitQueue = new EmitQueue(node, flow);
  }

  /** Records an input that has entered the flow. */
  entered(origin: FlowOrigin): void {
    this.#head ??= origin;
  }

  /** Handles an input that has passed the region: releases the outputs of the next ones. */
  closed(origin: FlowOrigin): void {
    if (origin !== this.#head) return;
    const due: Held[] = [];
    let next = origin.next;
    for (; next !== undefined; next = next.next) {
      const held = this.#held.get(next);
      if (held !== undefined) {
        this.#held.delete(next);
        for (const one of held) due.push(one); // a spread of very many overflows the stack
      }
      if (!next.hasPassed(this.#region)) break;
    }
    this.#head = next;
    for (const { message, origin: from, sink } of due) this.#emitQueue.put(message, from, sink);
  }

  /** Passes a message as `tryPush` of a sink does. `sink`: the next sink. */
  tryPass(message: AnyMessage, origin: AnyOrigin, sink: Sink): boolean {
    const first = firstOriginOf(origin);
    if (this.#isDue(first)) return !this.#emitQueue.isBusy && sink.tryPush(message, origin);
    origin.enter(this.#node);
    const held = this.#held.get(first);
    if (held === undefined) this.#held.set(first, [{ message, origin, sink }]);
    else held.push({ message, origin, sink });
    return true;
  }

  async pass(message: AnyMessage, origin: AnyOrigin, sink: Sink, wait: WaitOptions | undefined): Promise<void> {
    if (!this.#isDue(firstOriginOf(origin)) && this.tryPass(message, origin, sink)) return;
    await this.#emitQueue.emptied(wait);
    await sink.push(message, origin, wait);
  }

  /**
   * True if it is the turn of this input, or its turn is over: a failure may come by another branch than the ordered
   * one.
   */
  #isDue(first: FlowOrigin): boolean {
    const head = this.#head;
    return first === head || head === undefined || first.sequence < head.sequence;
  }

  /** Dead-letters held messages, as the flow ends or cancels inputs. */
  abandon(
    toDeadLetter: (message: AnyMessage, origin: AnyOrigin, node: number) => void,
    which: (origin: AnyOrigin) => boolean,
  ) {
    for (const [first, held] of [...this.#held]) {
      const kept = held.filter(({ origin }) => !which(origin));
      if (kept.length === 0) this.#held.delete(first);
      else this.#held.set(first, kept);
      for (const { message, origin } of held) if (which(origin)) toDeadLetter(message, origin, this.#node);
    }
  }
}

/** Puts a reorderer before a sink. */
export class ReorderSink implements Sink {
  readonly name: string | null;
  constructor(
    readonly reorderer: Reorderer,
    readonly sink: Sink,
  ) {
    this.name = sink.name;
  }
  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.reorderer.tryPass(message, origin, this.sink);
  }
  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    return this.reorderer.pass(message, origin, this.sink, wait);
  }
}
