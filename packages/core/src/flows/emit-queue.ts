import type { AnyMessage } from "../messages/any-message.js";
import { Fifo } from "../ports/fifo.js";
import { WaitList } from "../ports/wait-list.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { FlowServices } from "./flow-services.js";
import type { AnyOrigin } from "./joint-origin.js";
import type { Sink } from "./sink.js";

interface Item {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
  readonly sink: Sink;
}

/**
 * Brings on what a host node lets go, in order. While it waits for room the node takes nothing that it need not take, so
 * that backpressure passes through.
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

  /** True while something waits for room. */
  get isBusy(): boolean {
    return this.#isRunning;
  }

  /** Takes a message that is entered at the node. */
  put(message: AnyMessage, origin: AnyOrigin, sink: Sink): void {
    this.#items.push({ message, origin, sink }, 0);
    if (!this.#isRunning) this.#run();
  }

  /** Resolves when nothing waits for room. */
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

  /** False when it must wait; then it runs on by itself. */
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
