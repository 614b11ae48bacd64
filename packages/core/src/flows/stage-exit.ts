import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import type { Outlet } from "../seam/port.js";
import type { OutputOutlet } from "../seam/routes.js";
import type { WaitOptions } from "../time/wait-options.js";
import { StageFailure } from "../topologies/stage-failure.js";
import type { FlowServices } from "./flow-services.js";
import { type AnyOrigin, originOf } from "./joint-origin.js";
import type { SharedInputs } from "./shared-inputs.js";
import type { Sink } from "./sink.js";
import { WorkerSink } from "./worker-sink.js";

const FAILURE = StageFailure.type;

/** Where the kernels of a stage send what they make: straight to what comes next. */
export class StageExit implements OutputOutlet {
  onRerouted: (() => void) | undefined;
  readonly #node: number;
  readonly #flow: FlowServices;
  readonly #inputs: SharedInputs | undefined;
  /** Set once all that comes behind it is there. */
  sink!: Sink;
  /** Where failures go, past all nodes. */
  failures!: Sink;

  /** `inputs`: where places count them themselves. */
  constructor(node: number, flow: FlowServices, inputs: SharedInputs | undefined) {
    this.#node = node;
    this.#flow = flow;
    this.#inputs = inputs;
  }

  /** The one kernel behind it, where no function and no order comes in between. */
  get direct(): Outlet | undefined {
    return this.enters === undefined ? undefined : (this.sink as WorkerSink).outlet;
  }

  get enters(): number | undefined {
    const { sink } = this;
    return sink instanceof WorkerSink && this.#inputs?.counts.isCounted(sink.node) ? sink.node : undefined;
  }

  tryPush(message: AnyMessage): boolean {
    const origin = originOf(lineageOf(message));
    if (origin === undefined || !origin.isOpen(this.#node)) return false; // push gives it an input of its own
    return (message.type === FAILURE ? this.failures : this.sink).tryPush(message, origin);
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    const origin = originOf(lineageOf(message));
    if (origin === undefined || !origin.isOpen(this.#node)) return this.#pushOwn(message, origin, wait);
    return (message.type === FAILURE ? this.failures : this.sink).push(message, origin, wait);
  }

  async #pushOwn(message: AnyMessage, late: AnyOrigin | undefined, wait: WaitOptions | undefined): Promise<void> {
    const own = this.#flow.adopt(message, late, this.#node);
    try {
      await this.sink.push(own.message, own.origin, wait);
    } finally {
      own.origin.leaveEntry();
    }
  }
}
