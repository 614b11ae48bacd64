import { isRinglineError, placed } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Outlet } from "../seam/port.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { AnyOrigin } from "./joint-origin.js";
import type { Sink } from "./sink.js";

/** The input of one kernel of the flow. */
export class WorkerSink implements Sink {
  readonly name: string;
  readonly node: number;
  readonly outlet: Outlet;

  constructor(name: string, node: number, outlet: Outlet) {
    this.name = name;
    this.node = node;
    this.outlet = outlet;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    const node = this.node;
    origin.enter(node); // counted before, as the message may be settled during the push
    let isAccepted = false;
    try {
      isAccepted = this.outlet.tryPush(message);
    } catch (error) {
      throw this.#named(error);
    } finally {
      if (!isAccepted) origin.withdraw(node);
    }
    return isAccepted;
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    origin.enter(this.node);
    try {
      await this.outlet.push(message, wait);
    } catch (error) {
      origin.leave(this.node);
      throw this.#named(error);
    }
  }

  /** Adds the name of the rejecting stage to an error; otherwise the sender adds its own. */
  #named(error: unknown): unknown {
    return isRinglineError(error, "QUEUE_FULL") ? placed(error, { stage: this.name }) : error;
  }
}
