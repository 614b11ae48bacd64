import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import type { Outlet } from "../seam/port.js";
import type { DirectTargets, Shortcuts } from "../seam/shortcuts.js";
import type { WaitOptions } from "../time/wait-options.js";
import { StageFailure } from "../topologies/stage-failure.js";
import type { FlowServices } from "./flow-services.js";
import { type AnyOrigin, originOf } from "./joint-origin.js";
import type { SharedInputs } from "./shared-inputs.js";
import type { Sink } from "./sink.js";

const FAILURE = StageFailure.type;

/** The output of a stage's kernels, which pushes directly to the next nodes. */
export class StageOutput implements Outlet, Shortcuts {
  readonly #node: number;
  readonly #flow: FlowServices;
  /** The workers of the next stage, if neither a function nor a reorderer is in between. */
  directTargets: DirectTargets | undefined;
  inputs: SharedInputs | undefined;
  /** The sink of outputs, set once the next nodes are built. */
  sink!: Sink;
  /** The sink of failures, which bypasses all nodes. */
  failures!: Sink;

  constructor(node: number, flow: FlowServices) {
    this.#node = node;
    this.#flow = flow;
  }

  tryPush(message: AnyMessage): boolean {
    const origin = originOf(lineageOf(message));
    if (origin === undefined || !origin.isOpen(this.#node)) return false; // `push` makes it an input of its own
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
