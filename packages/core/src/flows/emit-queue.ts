import type { AnyMessage } from "../messages/any-message.js";
import { Fifo } from "../ports/queues.js";
import { WaitList } from "../ports/wait-list.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { AnyOrigin } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";

interface Item {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
  readonly sink: Sink;
}

/**
 * Forwards the outputs of a host node, in order. While one waits for capacity, the node accepts only messages that it
 * cannot refuse, so that backpressure passes through.
 */
export class EmitQueue {
  readonly #node: number;
  readonly #flow: FlowServices;
  readonly #items = new Fifo<Item>();
  readonly #emptied: WaitList<undefined, void>;
  #isRunning = false;

  constructor(node: number, flow: FlowServices) {
    this.#node = node;
    this.#flow = flow;
    this.#emptied = new WaitList(flow.clock, flow.id);
  }

  /** True while a message waits for capacity. */
  get isBusy(): boolean {
    return this.#isRunning;
  }

  /** Adds a message that is already counted at the node. */
  put(message: AnyMessage, origin: AnyOrigin, sink: Sink): void {
    this.#items.push({ message, origin, sink }, 0);
    if (!this.#isRunning) this.#run();
  }

  /** Resolves when no message waits for capacity. */
  async emptied(wait: WaitOptions | undefined): Promise<void> {
    while (this.isBusy) await this.#emptied.wait(undefined, wait, "send");
  }

  #run(): void {
    this.#isRunning = true;
    while (this.#items.size > 0) {
      if (!this.#tryOne(this.#items.shift())) return;
    }
    this.#isRunning = false;
    for (let next = this.#emptied.shift(); next !== undefined; next = this.#emptied.shift()) next.resolve();
  }

  /** Returns false if the message has to wait; the queue then resumes by itself. */
  #tryOne(item: Item): boolean {
    const { message, origin, sink } = item;
    if (origin.isCancelled) {
      this.#flow.cancelled(message);
      origin.leave(this.#node);
      return true;
    }
    try {
      if (!sink.tryPush(message, origin)) {
        void this.#wait(item);
        return false;
      }
      origin.leave(this.#node);
    } catch (error) {
      this.#refused(item, error);
    }
    return true;
  }

  async #wait(item: Item): Promise<void> {
    try {
      await item.sink.push(item.message, item.origin, undefined);
      item.origin.leave(this.#node);
    } catch (error) {
      this.#refused(item, error);
    }
    this.#run();
  }

  #refused({ message, origin, sink }: Item, error: unknown): void {
    origin.leave(this.#node, this.#flow.deadLetter(message, error, sink.name));
  }
}
