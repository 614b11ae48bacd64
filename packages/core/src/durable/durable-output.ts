import { hasBuffers, unshare } from "../buffers/references.js";
import type { AnyOrigin } from "../flows/joint-origin.js";
import type { Sink } from "../flows/sink.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { DurableInputs } from "./durable-inputs.js";

const ACCEPTED = Promise.resolve();

/** The output of a durable flow: what is made a second time comes out once. */
export class DurableOutput implements Sink {
  readonly name = null;
  readonly #sink: Sink;
  readonly #inputs: DurableInputs;

  constructor(sink: Sink, inputs: DurableInputs) {
    this.#sink = sink;
    this.#inputs = inputs;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.#hasArrived(message, origin) || this.#sink.tryPush(message, origin);
  }

  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    return this.#hasArrived(message, origin) ? ACCEPTED : this.#sink.push(message, origin, wait);
  }

  #hasArrived(message: AnyMessage, origin: AnyOrigin): boolean {
    if (!this.#inputs.hasArrived(message, origin)) return false;
    if (hasBuffers) unshare(message, 1);
    return true;
  }
}
